"""How far drawn ink is from the stroke that it should follow."""

import numpy as np
from jaxtyping import Float64
from scipy.spatial import KDTree

Line = Float64[np.ndarray, "points 2"]

_SPACING_M = 0.001


def evenly_spaced(lines: list[Line], spacing_m: float = _SPACING_M) -> Line:
    """Points along the lines, at most this far apart; a single point stays one."""
    dense = []
    for line in lines:
        gaps = np.linalg.norm(np.diff(line, axis=0), axis=1)
        way = np.concatenate([[0.0], np.cumsum(gaps)])
        at = np.linspace(0.0, way[-1], int(np.ceil(way[-1] / spacing_m)) + 1)
        dense.append(np.stack([np.interp(at, way, line[:, axis]) for axis in range(2)], axis=1))
    return np.concatenate(dense) if dense else np.empty((0, 2))


def path_error_m(ink: list[Line], wanted: Line, without_ink_m: float) -> float:
    """Mean distance between ink and stroke, seen from both [m]; nothing is aligned before.

    The mean, over points a millimetre apart, of the distance from the ink to the stroke, and that from the
    stroke to the ink; of the two the mean. So ink that is missing counts as much as ink that is too much.

    Args:
        ink: lines drawn [m]
        wanted: the stroke [m]
        without_ink_m: the error where nothing was drawn
    """
    drawn, stroke = evenly_spaced(ink), evenly_spaced([wanted])
    if not len(drawn):
        return without_ink_m
    to_stroke, _ = KDTree(stroke).query(drawn)
    to_ink, _ = KDTree(drawn).query(stroke)
    return float((to_stroke.mean() + to_ink.mean()) / 2)
