"""Bowl and spoon of the scooping task, as MuJoCo bodies."""

from dataclasses import dataclass
from math import cos, pi, sin
from typing import Final

from hndp_core.tasks.panda.guided_tool import GuidedTool
from hndp_core.tasks.panda.simulator import Body, Spec, mujoco
from hndp_core.tasks.panda.solid import BLUE, POLISHED_FRICTION, STEEL, add_solid, yaw_then_tip
from hndp_core.tasks.panda.vessel import WALL_OVERLAP, Vessel, add_vessel

SPOON_WALL_M: Final = 0.016
SPOON_LEVEL_LEAN_RAD: Final = 0.35
"""Lean of the hand (see `planar_kinematics`) at which the spoon is level."""

_SWEEP_CLEARANCE_M: Final = 0.002
_SPOON_BACK_ALONG_HAND_M: Final = 0.18
_SPOON_SIDES: Final = 14
_SPOON_OPEN_SIDES: Final = frozenset({0, 1, 2, 12, 13})
_SPOON_WALL_HALF_THICKNESS_M: Final = 0.0012
_SPOON_PART_MASS_KG: Final = 0.004
_SPOON_FLOOR_HALF_THICKNESS_M: Final = 0.001
_FINGER_GRIP_M: Final = 0.095


@dataclass(frozen=True)
class ScoopingObjects:
    """Bowl, spoon and number of almonds.

    Attributes:
        size: factor on the width of bowl and spoon. In a narrower bowl, whose walls are steeper too, there
            is less room for error: the spoon's rim lands on the bowl's. Heights stay, that of the almonds'
            layer too.
    """

    size: float = 1.0

    @property
    def bowl(self) -> Vessel:
        """The bowl on the table."""
        return Vessel(
            floor_radius_m=0.048 * self.size,
            height_m=0.055,
            floor_top_m=0.006,
            wall_lean_rad=0.15 * self.size**4,
        )

    @property
    def almonds(self) -> int:
        """Number of almonds in the bowl: as many a square centimetre in any."""
        return round(26 * self.size**2)

    @property
    def spoon_radius_m(self) -> float:
        """Radius of the spoon's floor [m]."""
        return 0.027 * self.size

    @property
    def spoon_in_hand_m(self) -> tuple[float, float]:
        """(x, z) of the middle of the spoon's floor in the hand's frame; its back is on the hand's axis."""
        return _ahead_in_hand(self.spoon_radius_m)

    @property
    def spoon_lip_in_hand_m(self) -> tuple[float, float]:
        """(x, z) of the foremost point of the spoon's lip in the hand's frame."""
        return _ahead_in_hand(2 * self.spoon_radius_m)

    @property
    def guided_spoon(self) -> GuidedTool:
        """The spoon's lip, to be guided by hand; snapped, it sweeps just above the floor of the bowl."""
        sweep_m = self.bowl.floor_top_m + _SWEEP_CLEARANCE_M
        return GuidedTool(
            point_in_hand_m=self.spoon_lip_in_hand_m,
            level_lean_rad=SPOON_LEVEL_LEAN_RAD,
            least_tilt_rad=-0.6,
            greatest_tilt_rad=0.5,
            lowest_m=sweep_m,
            plane_m=sweep_m,
        )


def _ahead_in_hand(ahead_m: float) -> tuple[float, float]:
    """Return (x, z) in the hand's frame of a point on the spoon's floor, so far ahead of its back."""
    along_m = _SPOON_BACK_ALONG_HAND_M + ahead_m * sin(SPOON_LEVEL_LEAN_RAD)
    return ahead_m * cos(SPOON_LEVEL_LEAN_RAD), along_m


def add_bowl(spec: Spec, bowl: Vessel) -> None:
    """Add the bowl "bowl": it does not move by itself, a reset places it (mocap)."""
    add_vessel(spec.worldbody.add_body(name="bowl", mocap=True), bowl, BLUE)


def add_spoon(hand: Body, objects: ScoopingObjects) -> None:
    """Fix the spoon to the hand: body "spoon", origin at its floor's centre, x to its low lip, z up."""
    (x, z), half_lean = objects.spoon_in_hand_m, SPOON_LEVEL_LEAN_RAD / 2
    radius = objects.spoon_radius_m
    turn = (0, cos(half_lean), 0, sin(half_lean))
    spoon = hand.add_body(name="spoon", pos=(x, 0, z), quat=turn, gravcomp=1.0)
    floor = _SPOON_FLOOR_HALF_THICKNESS_M
    size = (radius, floor, 0)
    parts = [add_solid(spoon, mujoco.mjtGeom.mjGEOM_CYLINDER, size, (0, 0, -floor), STEEL)]
    width = radius * sin(pi / _SPOON_SIDES) * WALL_OVERLAP
    for side in sorted(set(range(_SPOON_SIDES)) - _SPOON_OPEN_SIDES):
        angle = 2 * pi * side / _SPOON_SIDES
        size = (_SPOON_WALL_HALF_THICKNESS_M, width, SPOON_WALL_M / 2)
        position = (radius * cos(angle), radius * sin(angle), SPOON_WALL_M / 2)
        turn = yaw_then_tip(angle, 0.0)
        parts.append(add_solid(spoon, mujoco.mjtGeom.mjGEOM_BOX, size, position, STEEL, turn))
    for part in parts:
        part.mass = _SPOON_PART_MASS_KG
        part.friction[0] = POLISHED_FRICTION
    hand.add_geom(
        type=mujoco.mjtGeom.mjGEOM_CAPSULE,
        fromto=(0, 0, _FINGER_GRIP_M, 0, 0, _SPOON_BACK_ALONG_HAND_M),
        size=(0.004, 0, 0),
        rgba=STEEL,
        contype=0,
        conaffinity=0,
        mass=0,
    )
