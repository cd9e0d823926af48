"""Which digit ink shows: the nearest of many examples by independent writers."""

from functools import lru_cache
from typing import Final

import numpy as np
from jaxtyping import Float32, Float64, Int64
from scipy.spatial import KDTree

from hndp_core.tasks.handwriting.card import DIGITS, Card
from hndp_core.tasks.handwriting.path_error import Line, evenly_spaced
from hndp_core.tasks.handwriting.style import StyleRange, write

EXAMPLES: Final = 1200
"""Written once a process, in about a second."""

_GRID: Final = 20
_MARGIN: Final = 2.0
_BRUSH: Final = 1.5
_NEIGHBOURS: Final = 3

_PIXELS: Final = np.stack(np.meshgrid(np.arange(_GRID) + 0.5, np.arange(_GRID) + 0.5), axis=-1).reshape(-1, 2)


def recognise(ink: list[Line]) -> int | None:
    """Return the digit from 0 to 9 that the lines [m] show; None without ink.

    Place and size do not matter.
    """
    points = evenly_spaced(ink)
    if not len(points):
        return None
    examples, digits = _examples()
    away = np.square(examples - raster(points)).sum(axis=1)
    near = np.argsort(away, kind="stable")[:_NEIGHBOURS]
    votes = np.bincount(digits[near], minlength=DIGITS)
    # The nearest of those digits that have most votes.
    return int(next(digit for digit in digits[near] if votes[digit] == votes.max()))


def raster(points: Float64[np.ndarray, "points 2"]) -> Float32[np.ndarray, " pixels"]:
    """The ink as a small grey image, shifted and scaled so that its longer side fills it."""
    low, high = points.min(axis=0), points.max(axis=0)
    side = max(float((high - low).max()), 1e-6)
    placed = (points - (low + high) / 2) * ((_GRID - 2 * _MARGIN) / side) + _GRID / 2
    away, _ = KDTree(placed).query(_PIXELS, distance_upper_bound=2 * _BRUSH)
    return np.clip(1.0 - away / (2 * _BRUSH), 0.0, 1.0).astype(np.float32)


@lru_cache(maxsize=1)
def _examples() -> tuple[Float32[np.ndarray, "examples pixels"], Int64[np.ndarray, " examples"]]:
    cards = [Card.for_judge(number) for number in range(EXAMPLES)]
    rasters = [raster(evenly_spaced([write(card, StyleRange()).line_m])) for card in cards]
    return np.stack(rasters), np.array([card.digit for card in cards])
