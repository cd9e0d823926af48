"""How one writer's hand differs from another's."""

from dataclasses import dataclass, fields
from typing import Final

import numpy as np
from jaxtyping import Float64
from scipy.ndimage import gaussian_filter1d

from hndp_core.errors import InvalidSetting
from hndp_core.seeding import seed_for
from hndp_core.tasks.handwriting.card import Card
from hndp_core.tasks.handwriting.key_points import key_points
from hndp_core.tasks.handwriting.stroke import stroke

UNIT_M: Final = 0.03
"""One unit of the digits' box on the board: an upright digit of the norm is 120 mm tall."""

_SAMPLES: Final = 400
_ROUNDING_M: Final = 0.004


@dataclass(frozen=True)
class StyleRange:
    """How far writers differ: half widths of uniform distributions around the norm.

    Attributes:
        key_point: displacement of each key point in x and y, in units of the digits' box (2 x 4).
        slant: shear; at 0.2 the top of a digit stands 0.8 units to the right of its bottom.
        turn_rad: turn of the digit.
        scale: relative change of its size.
        width: relative change of its width against its height.
        shift_m: displacement in x and y, on the board [m].
        thinnest_m: thickness of the thinnest line on the board [m].
        thickest_m: thickness of the thickest.
    """

    key_point: float = 0.2
    slant: float = 0.25
    turn_rad: float = 0.08
    scale: float = 0.12
    width: float = 0.15
    shift_m: float = 0.008
    thinnest_m: float = 0.005
    thickest_m: float = 0.013

    def __post_init__(self) -> None:
        for each in fields(self):
            if getattr(self, each.name) < 0:
                raise InvalidSetting(each.name, getattr(self, each.name), "use 0 or more")
        if self.thinnest_m > self.thickest_m:
            raise InvalidSetting("thinnest_m", self.thinnest_m, "use at most thickest_m")


@dataclass(frozen=True, eq=False)
class WrittenDigit:
    """A digit as its writer wrote it, around the middle of the board; x to the right, y up.

    Attributes:
        line_m: points along its one stroke, from first to last [m].
        thickness_m: of the line.
    """

    line_m: Float64[np.ndarray, "points 2"]
    thickness_m: float


def write(card: Card, within: StyleRange) -> WrittenDigit:
    """Let the card's writer write its digit; equal arguments give equal strokes.

    Slant, turn, size, place and thickness belong to the writer, whatever the digit.
    """
    style = np.random.default_rng(seed_for(card.writer, "style"))

    def draw(half_width: float) -> float:
        return float(style.uniform(-half_width, half_width))

    shear = np.array([[1.0, draw(within.slant)], [0.0, 1.0]])
    angle = draw(within.turn_rad)
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    size = UNIT_M * (1.0 + draw(within.scale))
    affine = size * turn @ shear @ np.diag([1.0 + draw(within.width), 1.0])
    shift_m = np.array([draw(within.shift_m), draw(within.shift_m)])
    thickness_m = float(style.uniform(within.thinnest_m, within.thickest_m))

    shape = np.random.default_rng(seed_for(card.writer, "shape", card.digit))
    points = key_points(card.digit)
    points += shape.uniform(-within.key_point, within.key_point, points.shape)
    line = stroke(points, np.linspace(0.0, 1.0, _SAMPLES))
    return WrittenDigit(_rounded(line @ affine.T) + shift_m, thickness_m)


def _rounded(line_m: Float64[np.ndarray, "points 2"]) -> Float64[np.ndarray, "points 2"]:
    """The line with round corners, as a hand in motion makes them; both ends stay."""
    spacing_m = np.linalg.norm(np.diff(line_m, axis=0), axis=1).mean()
    sigma = _ROUNDING_M / spacing_m
    reach = int(np.ceil(4 * sigma))
    padded = np.pad(line_m, ((reach, reach), (0, 0)), mode="reflect", reflect_type="odd")
    return gaussian_filter1d(padded, sigma, axis=0)[reach:-reach]
