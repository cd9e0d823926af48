"""What the check before motion knows of an arm: its shape, and the room that its links have."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from jaxtyping import Float64

from hndp_core.errors import InvalidSetting


@dataclass(frozen=True)
class ArmRoom:
    """Where the moving links of an arm may be, in its base frame [m]: over a table and inside a box.

    Attributes:
        x_min_m: behind the base.
        x_max_m: in front of it.
        y_min_m: to its right.
        y_max_m: to its left.
        z_max_m: above it.
        table_m: height of the table, which is the box's floor.
        clearance_m: least distance of the links from the table, from the walls of the box and from one
            another. It also bounds how far apart poses may be that are checked.
    """

    x_min_m: float
    x_max_m: float
    y_min_m: float
    y_max_m: float
    z_max_m: float
    table_m: float = 0.0
    clearance_m: float = 0.01

    def __post_init__(self) -> None:
        low, high = self.bounds()
        if not (np.isfinite([low, high]).all() and (low < high).all()):
            raise InvalidSetting("room", str(self), "give each side a positive length")
        if not 0 < self.clearance_m < min(high - low) / 2:
            raise InvalidSetting("clearance_m", self.clearance_m, "use more than 0, and leave some room")

    def bounds(self) -> tuple[Float64[np.ndarray, "3"], Float64[np.ndarray, "3"]]:
        """Return the least and the greatest corner of the box [m]."""
        return (
            np.array([self.x_min_m, self.y_min_m, self.table_m]),
            np.array([self.x_max_m, self.y_max_m, self.z_max_m]),
        )


class Conflict(NamedTuple):
    """A part of the arm that comes too close to something.

    Attributes:
        row: of the joint positions at which it does.
        part: of the arm, such as "link 5".
        quantity: what is too small or too great, such as "height" or "distance to link 2".
        value_m: that quantity.
        limit_m: its limit.
    """

    row: int
    part: str
    quantity: str
    value_m: float
    limit_m: float


class ArmBody(ABC):
    """An arm's shape. The tool in its hand is no part of it: that touches things on purpose.

    One caller at a time.

    Attributes:
        room: where the links may be.
        reach_m: of each joint, an upper bound of how far from its axis the arm extends: no point of the arm
            moves farther than the sum of these times the joints' turns.
    """

    room: ArmRoom
    reach_m: Float64[np.ndarray, " dof"]

    @abstractmethod
    def first_conflict(self, joints: Float64[np.ndarray, "rows dof"]) -> Conflict | None:
        """Return what comes too close in the first row [rad] in which anything does."""
