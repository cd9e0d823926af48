"""Bowls and cups: a floor and a ring of flat walls that lean outward."""

from dataclasses import dataclass
from math import cos, pi, sin, tan
from typing import Any, Final

import numpy as np
from jaxtyping import Bool, Float64

from hndp_core.tasks.panda.outline import circle
from hndp_core.tasks.panda.simulator import Body, mujoco
from hndp_core.tasks.panda.solid import Colour, add_solid, yaw_then_tip

SIDES: Final = 12

WALL_OVERLAP: Final = 1.05
"""Widening of wall segments, so that no gap is left between them."""

_WALL_HALF_THICKNESS_M: Final = 0.003


@dataclass(frozen=True)
class Vessel:
    """Inner shape of an open vessel; its origin is under the middle of its floor, z up.

    Attributes:
        floor_radius_m: radius of the floor.
        height_m: from the underside to the rim.
        floor_top_m: height of the inner floor above the underside.
        wall_lean_rad: angle of the walls against the vertical, outward.
    """

    floor_radius_m: float
    height_m: float
    floor_top_m: float
    wall_lean_rad: float

    @property
    def mouth_radius_m(self) -> float:
        """Distance of the rim's inner edge from the axis, in the middle of a wall segment."""
        return self.floor_radius_m + self.height_m * tan(self.wall_lean_rad)

    def rim(self, x_m: float, y_m: float) -> Float64[np.ndarray, "points 3"]:
        """Return the rim's inner edge of the vessel that stands at (x, y) on the table [m]."""
        return circle(x_m, y_m, self.height_m, self.mouth_radius_m)

    def holds(self, points_m: Float64[np.ndarray, "points 3"]) -> Bool[np.ndarray, " points"]:
        """Return which points, in the vessel's frame, lie between its floor and its rim."""
        inside = np.hypot(points_m[:, 0], points_m[:, 1]) < self.mouth_radius_m
        return inside & (points_m[:, 2] > 0.0) & (points_m[:, 2] < self.height_m)


def add_vessel(body: Body, vessel: Vessel, rgba: Colour) -> list[Any]:
    """Make a body a vessel; return its geoms."""
    half = vessel.floor_top_m / 2
    size = (vessel.floor_radius_m + _WALL_HALF_THICKNESS_M, half, 0)
    parts = [add_solid(body, mujoco.mjtGeom.mjGEOM_CYLINDER, size, (0, 0, half), rgba)]
    slant = vessel.height_m / 2 / cos(vessel.wall_lean_rad)
    outward = slant * sin(vessel.wall_lean_rad)
    radius = vessel.floor_radius_m + _WALL_HALF_THICKNESS_M + outward
    width = (radius + outward) * sin(pi / SIDES) * WALL_OVERLAP
    for side in range(SIDES):
        angle = 2 * pi * side / SIDES
        size = (_WALL_HALF_THICKNESS_M, width, slant)
        position = (radius * cos(angle), radius * sin(angle), vessel.height_m / 2)
        turn = yaw_then_tip(angle, vessel.wall_lean_rad)
        parts.append(add_solid(body, mujoco.mjtGeom.mjGEOM_BOX, size, position, rgba, turn))
    return parts
