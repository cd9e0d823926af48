"""What trials say about policies: rates with intervals, comparisons, how many trials they take, drift.

Nothing here knows where the trials come from. Loads neither torch nor mujoco; scipy, which takes a second,
is imported by the functions that need it when they are first called.
"""
