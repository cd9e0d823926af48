"""Outlines of what stands on the table, to be drawn into the camera's picture."""

from typing import Final

import numpy as np
from jaxtyping import Float64

_POINTS: Final = 36


def circle(x_m: float, y_m: float, z_m: float, radius_m: float) -> Float64[np.ndarray, "points 3"]:
    """Return a level circle around (x, y, z) [m]."""
    angle = np.arange(_POINTS) * (2 * np.pi / _POINTS)
    ring = np.stack([np.cos(angle), np.sin(angle), np.zeros(_POINTS)], axis=1)
    return np.array([x_m, y_m, z_m]) + radius_m * ring


def rectangle(
    x_m: float, y_m: float, z_m: float, half_x_m: float, half_y_m: float
) -> Float64[np.ndarray, "4 3"]:
    """Return the corners of a level rectangle around (x, y, z), its sides along x and y [m]."""
    corners = np.array([(1, 1, 0), (1, -1, 0), (-1, -1, 0), (-1, 1, 0)])
    return np.array([x_m, y_m, z_m]) + corners * (half_x_m, half_y_m, 0.0)
