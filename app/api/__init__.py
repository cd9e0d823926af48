"""What the resources of the JSON API have in common. Each feature describes its own in `resources.py` and
offers them in `api.py`, by the services that its pages use.
"""
