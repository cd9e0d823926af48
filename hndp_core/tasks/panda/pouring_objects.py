"""Cup in the hand and target cup of the pouring task, as MuJoCo bodies."""

from math import cos, sin
from typing import Final

from hndp_core.tasks.panda.guided_tool import GuidedTool
from hndp_core.tasks.panda.simulator import Body, Spec
from hndp_core.tasks.panda.solid import BLUE, POLISHED_FRICTION, STEEL
from hndp_core.tasks.panda.vessel import Vessel, add_vessel

CUP: Final = Vessel(floor_radius_m=0.030, height_m=0.075, floor_top_m=0.005, wall_lean_rad=0.12)

ALMOND_COUNT: Final = 25

UPRIGHT_LEAN_RAD: Final = 1.15
"""Lean of the hand (see `planar_kinematics`) at which the cup is upright.

A level hand (1.57) would leave the wrist no room: joint 6 ends before an upright cup comes low.
"""

_POUR_ABOVE_M: Final = 0.022
_GRIP_ALONG_HAND_M: Final = 0.108
_GRIP_HEIGHT_M: Final = 0.045
_WALL_M: Final = 0.006
_CUP_PART_MASS_KG: Final = 0.005


def _in_hand(outward_m: float, up_m: float) -> tuple[float, float]:
    """Return (x, z) in the hand's frame of a point given from the grip, as seen while the cup is upright."""
    c, s = cos(UPRIGHT_LEAN_RAD), sin(UPRIGHT_LEAN_RAD)
    return outward_m * c + up_m * s, _GRIP_ALONG_HAND_M + outward_m * s - up_m * c


_AXIS_FROM_GRIP_M: Final = (CUP.floor_radius_m + CUP.mouth_radius_m) / 2 + _WALL_M / 2

CUP_IN_HAND_M: Final = _in_hand(_AXIS_FROM_GRIP_M, -_GRIP_HEIGHT_M)
"""(x, z) of the cup's origin in the hand's frame: the fingers hold its wall on the side of the base."""

CUP_LIP_IN_HAND_M: Final = _in_hand(_AXIS_FROM_GRIP_M + CUP.mouth_radius_m, CUP.height_m - _GRIP_HEIGHT_M)
"""(x, z) of the point of the rim over which the cup pours, in the hand's frame."""


def target_of(size: float) -> Vessel:
    """Return the target cup; `size` is a factor on its width. A narrower one is as high."""
    return Vessel(floor_radius_m=0.030 * size, height_m=0.080, floor_top_m=0.006, wall_lean_rad=0.10)


def guided_cup(target: Vessel) -> GuidedTool:
    """Return the lip of the cup, to be guided by hand; snapped, it is at the height for pouring."""
    return GuidedTool(
        point_in_hand_m=CUP_LIP_IN_HAND_M,
        level_lean_rad=UPRIGHT_LEAN_RAD,
        least_tilt_rad=-2.0,
        greatest_tilt_rad=0.2,
        lowest_m=target.height_m + 0.01,
        plane_m=target.height_m + _POUR_ABOVE_M,
    )


def add_target(spec: Spec, target: Vessel) -> None:
    """Add the target cup "target": it does not move by itself, a reset places it (mocap)."""
    add_vessel(spec.worldbody.add_body(name="target", mocap=True), target, BLUE)


def add_cup(hand: Body) -> None:
    """Fix the cup to the hand: body "cup", origin under its floor, x to the lip that pours, z up."""
    (x, z), half_lean = CUP_IN_HAND_M, UPRIGHT_LEAN_RAD / 2
    turn = (0, cos(half_lean), 0, sin(half_lean))
    cup = hand.add_body(name="cup", pos=(x, 0, z), quat=turn, gravcomp=1.0)
    for part in add_vessel(cup, CUP, STEEL):
        part.mass = _CUP_PART_MASS_KG
        part.friction[0] = POLISHED_FRICTION
