"""Bowl, almonds and spoon of the scooping task, as MuJoCo bodies."""

from math import cos, pi, sin
from typing import Any, Final

from hndp_core.tasks.panda.simulator import mujoco

BOWL_FLOOR_RADIUS_M: Final = 0.048
BOWL_HEIGHT_M: Final = 0.045
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
"""(x, z) of the centre of the spoon's floor in the hand's frame; the back of its rim is on the hand's axis."""

SPOON_LIP_IN_HAND_M: Final = (
    2 * SPOON_RADIUS_M * cos(SPOON_LEVEL_LEAN_RAD),
    _SPOON_BACK_ALONG_HAND_M + 2 * SPOON_RADIUS_M * sin(SPOON_LEVEL_LEAN_RAD),
)
"""(x, z) of the foremost point of the spoon's lip in the hand's frame."""

_BOWL_SIDES: Final = 12
_BOWL_WALL_LEAN_RAD: Final = 0.45
_WALL_HALF_THICKNESS_M: Final = 0.003
_SPOON_SIDES: Final = 14
_SPOON_OPEN_SIDES: Final = (0, 1, 2, 12, 13)
_SPOON_FLOOR_HALF_THICKNESS_M: Final = 0.001
_FINGER_GRIP_M: Final = 0.095

_FRICTION: Final = 0.4
_SPOON_FRICTION: Final = 0.2
"""Polished: almonds slide onto the spoon. MuJoCo takes the greater value of two bodies, so almonds have it too."""

_STEEL: Final = (0.62, 0.65, 0.70, 1.0)
_BLUE: Final = (0.13, 0.33, 0.62, 1.0)
_ALMOND: Final = (0.62, 0.38, 0.18, 1.0)


def add_bowl(spec: mujoco.MjSpec) -> None:
    """Add the bowl "bowl": it does not move by itself, a reset places it (mocap)."""
    bowl = spec.worldbody.add_body(name="bowl", mocap=True)
    half = BOWL_FLOOR_TOP_M / 2
    _solid(bowl, mujoco.mjtGeom.mjGEOM_CYLINDER, (BOWL_FLOOR_RADIUS_M + 0.004, half, 0), (0, 0, half), _BLUE)
    slant = BOWL_HEIGHT_M / 2 / cos(_BOWL_WALL_LEAN_RAD)
    radius = BOWL_FLOOR_RADIUS_M + _WALL_HALF_THICKNESS_M + slant * sin(_BOWL_WALL_LEAN_RAD)
    width = (radius + slant * sin(_BOWL_WALL_LEAN_RAD)) * sin(pi / _BOWL_SIDES) * 1.05
    for side in range(_BOWL_SIDES):
        angle = 2 * pi * side / _BOWL_SIDES
        _solid(
            bowl,
            mujoco.mjtGeom.mjGEOM_BOX,
            (_WALL_HALF_THICKNESS_M, width, slant),
            (radius * cos(angle), radius * sin(angle), BOWL_HEIGHT_M / 2),
            _BLUE,
            _yaw_then_tip(angle, _BOWL_WALL_LEAN_RAD),
        )


def add_almonds(spec: mujoco.MjSpec) -> None:
    """Add the free bodies "almond0", "almond1", ..."""
    for number in range(ALMOND_COUNT):
        almond = spec.worldbody.add_body(name=f"almond{number}")
        almond.add_freejoint(name=f"almond{number}")
        _solid(
            almond,
            mujoco.mjtGeom.mjGEOM_ELLIPSOID,
            ALMOND_SEMI_AXES_M,
            (0, 0, 0),
            _ALMOND,
            mass=ALMOND_MASS_KG,
            friction=_SPOON_FRICTION,
        )


def add_spoon(hand: Any) -> None:
    """Fix the spoon to the hand: body "spoon", origin at its floor's centre, x to its low lip, z up."""
    half_lean = SPOON_LEVEL_LEAN_RAD / 2
    x, z = SPOON_IN_HAND_M
    spoon = hand.add_body(
        name="spoon", pos=(x, 0, z), quat=(0, cos(half_lean), 0, sin(half_lean)), gravcomp=1.0
    )
    floor = _SPOON_FLOOR_HALF_THICKNESS_M
    _solid(
        spoon,
        mujoco.mjtGeom.mjGEOM_CYLINDER,
        (SPOON_RADIUS_M, floor, 0),
        (0, 0, -floor),
        _STEEL,
        mass=0.02,
        friction=_SPOON_FRICTION,
    )
    thickness = 0.0012
    width = SPOON_RADIUS_M * sin(pi / _SPOON_SIDES) * 1.05
    for side in range(_SPOON_SIDES):
        if side in _SPOON_OPEN_SIDES:
            continue
        angle = 2 * pi * side / _SPOON_SIDES
        _solid(
            spoon,
            mujoco.mjtGeom.mjGEOM_BOX,
            (thickness, width, SPOON_WALL_M / 2),
            (SPOON_RADIUS_M * cos(angle), SPOON_RADIUS_M * sin(angle), SPOON_WALL_M / 2),
            _STEEL,
            _yaw_then_tip(angle, 0.0),
            mass=0.002,
            friction=_SPOON_FRICTION,
        )
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
    body: Any,
    kind: mujoco.mjtGeom,
    size: tuple[float, float, float],
    position: tuple[float, float, float],
    rgba: tuple[float, float, float, float],
    quaternion: tuple[float, float, float, float] = (1, 0, 0, 0),
    mass: float = 0.01,
    friction: float = _FRICTION,
) -> None:
    body.add_geom(
        type=kind,
        size=size,
        pos=position,
        quat=quaternion,
        rgba=rgba,
        mass=mass,
        condim=4,
        friction=(friction, 0.003, 0.0001),
        solref=(0.008, 1.0),
        solimp=(0.95, 0.99, 0.001, 0.5, 2.0),
    )
