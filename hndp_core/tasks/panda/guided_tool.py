"""Where the tool in the hand is while a person guides it, in the terms in which a person thinks of it."""

from dataclasses import dataclass
from typing import NamedTuple, Self

import numpy as np
from jaxtyping import Float64

from hndp_core.errors import InvalidSetting


class ToolPose(NamedTuple):
    """Where the tool's point is, and how it is tilted; its yaw follows the bearing of the place.

    Attributes:
        x_m: in the robot's base frame.
        y_m: in the robot's base frame.
        z_m: height above the table.
        tilt_rad: 0 is level; positive lifts the edge that points away from the base.
    """

    x_m: float
    y_m: float
    z_m: float
    tilt_rad: float

    @classmethod
    def of(cls, values: Float64[np.ndarray, "4"]) -> Self:
        """Return the pose of an array (x, y, z, tilt)."""
        return cls(*(float(each) for each in values))


@dataclass(frozen=True)
class GuidedTool:
    """A tool in the Panda's hand, and the room in which a person may guide it.

    Attributes:
        point_in_hand_m: (x, z) of the guided point in the hand's frame.
        level_lean_rad: lean of the hand (see `planar_kinematics`) at which the tool is level.
        least_tilt_rad: of the tool.
        greatest_tilt_rad: of the tool.
        lowest_m: least height of the point above the table.
        plane_m: height of the point in the plane to which it can be snapped.
    """

    point_in_hand_m: tuple[float, float]
    level_lean_rad: float
    least_tilt_rad: float
    greatest_tilt_rad: float
    lowest_m: float
    plane_m: float

    def __post_init__(self) -> None:
        if self.least_tilt_rad >= self.greatest_tilt_rad:
            raise InvalidSetting("least_tilt_rad", self.least_tilt_rad, "use less than greatest_tilt_rad")
        if not 0 <= self.lowest_m <= self.plane_m < _HIGHEST_M:
            raise InvalidSetting("plane_m", self.plane_m, f"use lowest_m or more, below {_HIGHEST_M}")

    @property
    def room(self) -> tuple[ToolPose, ToolPose]:
        """Least and greatest values that may be asked for; the arm may not reach all of them."""
        low = ToolPose(_NEAREST_X_M, -_WIDEST_Y_M, self.lowest_m, self.least_tilt_rad)
        return low, ToolPose(_FARTHEST_X_M, _WIDEST_Y_M, _HIGHEST_M, self.greatest_tilt_rad)

    def within_room(self, wish: ToolPose, snapped: bool = False) -> ToolPose:
        """Return the nearest pose that may be asked for; snapped, in the plane."""
        kept = ToolPose.of(np.clip(np.array(wish), *self.room))
        return kept._replace(z_m=self.plane_m) if snapped else kept


# All of the table that the camera sees, and home.
_NEAREST_X_M, _FARTHEST_X_M = 0.25, 0.85
_WIDEST_Y_M = 0.45
_HIGHEST_M = 0.70
