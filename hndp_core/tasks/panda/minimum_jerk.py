"""Minimum-jerk courses, of which the scripted teachers' motions are made."""

import numpy as np
from jaxtyping import Float64

Window = tuple[float, float]
"""Begin and end of a move [s]."""


def progress(time_s: Float64[np.ndarray, " steps"], window_s: Window) -> Float64[np.ndarray, " steps"]:
    """Return the minimum-jerk course from 0 at the window's begin to 1 at its end."""
    begin_s, end_s = window_s
    s = np.clip((time_s - begin_s) / (end_s - begin_s), 0.0, 1.0)
    return s**3 * (10 - 15 * s + 6 * s**2)
