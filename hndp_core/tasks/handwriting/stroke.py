"""A line that a pen draws from key point to key point without being lifted."""

import numpy as np
from jaxtyping import Float
from scipy.interpolate import PchipInterpolator


def stroke(
    points: Float[np.ndarray, "points 2"], share: Float[np.ndarray, " samples"]
) -> Float[np.ndarray, "samples 2"]:
    """A shape-preserving cubic through the points, at these shares of its way.

    Its parameter is the length of the straight way from point to point.
    """
    way = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(points, axis=0), axis=1))])
    return PchipInterpolator(way, points)(way[-1] * share)
