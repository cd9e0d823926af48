"""Bowl, almonds and spoon of the scooping task, as MuJoCo bodies."""

from math import cos, pi, sin
from typing import Any, Final

from hndp_core.tasks.panda.simulator import Body, Spec, mujoco

BOWL_FLOOR_RADIUS_M: Final = 0.048
BOWL_HEIGHT_M: Final = 0.055
BOWL_FLOOR_TOP_M: Final = 0.006
"""Height of the bowl's inner floor above the table."""

ALMOND_COUNT: Final = 26
ALMOND_SEMI_AXES_M: Final = (0.011, 0.007, 0.005)
ALMOND_MASS_KG: Final = 0.0012

SPOON_RADIUS_M: Final = 0.027
SPOON_WALL_M: Final = 0.016
SPOON_LEVEL_LEAN_RAD: Final = 0.35
"""Lean of the hand (see `planar_kinematics`) at which the spoon is level."""

_SPOON_BACK_ALONG_HAND_M: Final = 0.18
SPOON_IN_HAND_M: Final = (
    SPOON_RADIUS_M * cos(SPOON_LEVEL_LEAN_RAD),
    _SPOON_BACK_ALONG_HAND_M + SPOON_RADIUS_M * sin(SPOON_LEVEL_LEAN_RAD),
)
"""(x, z) of the middle of the spoon's floor in the hand's frame; its rim's back is on the hand's axis."""

SPOON_LIP_IN_HAND_M: Final = (
    2 * SPOON_RADIUS_M * cos(SPOON_LEVEL_LEAN_RAD),
    _SPOON_BACK_ALONG_HAND_M + 2 * SPOON_RADIUS_M * sin(SPOON_LEVEL_LEAN_RAD),
)
"""(x, z) of the foremost point of the spoon's lip in the hand's frame."""

_BOWL_SIDES: Final = 12
_BOWL_WALL_LEAN_RAD: Final = 0.15
_WALL_HALF_THICKNESS_M: Final = 0.003
_SPOON_SIDES: Final = 14
_SPOON_OPEN_SIDES: Final = frozenset({0, 1, 2, 12, 13})
_SPOON_WALL_HALF_THICKNESS_M: Final = 0.0012
_SPOON_PART_MASS_KG: Final = 0.004
_OVERLAP: Final = 1.05
"""Widening of wall segments, so that no gap is left between them."""

_SPOON_FLOOR_HALF_THICKNESS_M: Final = 0.001
_FINGER_GRIP_M: Final = 0.095

_FRICTION: Final = 0.4
_POLISHED_FRICTION: Final = 0.2
"""Of spoon and almonds, so that these slide onto it (MuJoCo takes the greater value of two bodies)."""

_STEEL: Final = (0.62, 0.65, 0.70, 1.0)
_BLUE: Final = (0.13, 0.33, 0.62, 1.0)
_ALMOND: Final = (0.62, 0.38, 0.18, 1.0)


def add_bowl(spec: Spec) -> None:
    """Add the bowl "bowl": it does not move by itself, a reset places it (mocap)."""
    bowl = spec.worldbody.add_body(name="bowl", mocap=True)
    half = BOWL_FLOOR_TOP_M / 2
    size = (BOWL_FLOOR_RADIUS_M + _WALL_HALF_THICKNESS_M, half, 0)
    _solid(bowl, mujoco.mjtGeom.mjGEOM_CYLINDER, size, (0, 0, half), _BLUE)
    slant = BOWL_HEIGHT_M / 2 / cos(_BOWL_WALL_LEAN_RAD)
    outward = slant * sin(_BOWL_WALL_LEAN_RAD)
    radius = BOWL_FLOOR_RADIUS_M + _WALL_HALF_THICKNESS_M + outward
    width = (radius + outward) * sin(pi / _BOWL_SIDES) * _OVERLAP
    for side in range(_BOWL_SIDES):
        angle = 2 * pi * side / _BOWL_SIDES
        size = (_WALL_HALF_THICKNESS_M, width, slant)
        position = (radius * cos(angle), radius * sin(angle), BOWL_HEIGHT_M / 2)
        turn = _yaw_then_tip(angle, _BOWL_WALL_LEAN_RAD)
        _solid(bowl, mujoco.mjtGeom.mjGEOM_BOX, size, position, _BLUE, turn)


def add_almonds(spec: Spec) -> None:
    """Add the free bodies "almond0", "almond1", ..."""
    for number in range(ALMOND_COUNT):
        almond = spec.worldbody.add_body(name=f"almond{number}")
        almond.add_freejoint(name=f"almond{number}")
        geom = _solid(almond, mujoco.mjtGeom.mjGEOM_ELLIPSOID, ALMOND_SEMI_AXES_M, (0, 0, 0), _ALMOND)
        geom.mass = ALMOND_MASS_KG
        geom.friction[0] = _POLISHED_FRICTION


def add_spoon(hand: Body) -> None:
    """Fix the spoon to the hand: body "spoon", origin at its floor's centre, x to its low lip, z up."""
    (x, z), half_lean = SPOON_IN_HAND_M, SPOON_LEVEL_LEAN_RAD / 2
    turn = (0, cos(half_lean), 0, sin(half_lean))
    spoon = hand.add_body(name="spoon", pos=(x, 0, z), quat=turn, gravcomp=1.0)
    floor = _SPOON_FLOOR_HALF_THICKNESS_M
    size = (SPOON_RADIUS_M, floor, 0)
    parts = [_solid(spoon, mujoco.mjtGeom.mjGEOM_CYLINDER, size, (0, 0, -floor), _STEEL)]
    width = SPOON_RADIUS_M * sin(pi / _SPOON_SIDES) * _OVERLAP
    for side in sorted(set(range(_SPOON_SIDES)) - _SPOON_OPEN_SIDES):
        angle = 2 * pi * side / _SPOON_SIDES
        size = (_SPOON_WALL_HALF_THICKNESS_M, width, SPOON_WALL_M / 2)
        position = (SPOON_RADIUS_M * cos(angle), SPOON_RADIUS_M * sin(angle), SPOON_WALL_M / 2)
        turn = _yaw_then_tip(angle, 0.0)
        parts.append(_solid(spoon, mujoco.mjtGeom.mjGEOM_BOX, size, position, _STEEL, turn))
    for part in parts:
        part.mass = _SPOON_PART_MASS_KG
        part.friction[0] = _POLISHED_FRICTION
    hand.add_geom(
        type=mujoco.mjtGeom.mjGEOM_CAPSULE,
        fromto=(0, 0, _FINGER_GRIP_M, 0, 0, _SPOON_BACK_ALONG_HAND_M),
        size=(0.004, 0, 0),
        rgba=_STEEL,
        contype=0,
        conaffinity=0,
        mass=0,
    )


def _yaw_then_tip(yaw_rad: float, tip_rad: float) -> tuple[float, float, float, float]:
    """Return the quaternion that tips the z axis by `tip_rad` towards the direction `yaw_rad`."""
    cy, sy, ct, st = cos(yaw_rad / 2), sin(yaw_rad / 2), cos(tip_rad / 2), sin(tip_rad / 2)
    return cy * ct, -sy * st, cy * st, sy * ct


def _solid(
    body: Body,
    kind: Any,
    size: tuple[float, float, float],
    position: tuple[float, float, float],
    rgba: tuple[float, float, float, float],
    quaternion: tuple[float, float, float, float] = (1, 0, 0, 0),
) -> Any:
    """Add a geom that touches others, and return it."""
    return body.add_geom(
        type=kind,
        size=size,
        pos=position,
        quat=quaternion,
        rgba=rgba,
        condim=4,
        friction=(_FRICTION, 0.003, 0.0001),
        solref=(0.008, 1.0),
        solimp=(0.95, 0.99, 0.001, 0.5, 2.0),
    )
