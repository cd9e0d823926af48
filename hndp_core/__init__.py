"""The method: motion, policies, tasks, robots, learning and the local-to-global hierarchy.

Never imports the app.
"""
