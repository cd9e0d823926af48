"""Almonds: free ellipsoids, and the piles that they make in a vessel."""

from typing import Final

import numpy as np
from jaxtyping import Float64

from hndp_core.tasks.panda.simulator import Spec, mujoco
from hndp_core.tasks.panda.solid import POLISHED_FRICTION, about_vertical, add_solid

SEMI_AXES_M: Final = (0.011, 0.007, 0.005)
MASS_KG: Final = 0.0012
POSE_SIZE: Final = 7
"""Entries of an almond's pose: x, y, z [m] and a quaternion."""

_ALMOND: Final = (0.62, 0.38, 0.18, 1.0)
_LAYER: Final = 6
_INNERMOST_M: Final = 0.009
_ABOVE_FLOOR_M: Final = 0.012
_LAYER_HEIGHT_M: Final = 0.013
_GOLDEN_ANGLE_RAD: Final = 2.4


def add_almonds(spec: Spec, count: int) -> None:
    """Add the free bodies "almond0", "almond1", ..."""
    for number in range(count):
        almond = spec.worldbody.add_body(name=f"almond{number}")
        almond.add_freejoint(name=f"almond{number}")
        geom = add_solid(almond, mujoco.mjtGeom.mjGEOM_ELLIPSOID, SEMI_AXES_M, (0, 0, 0), _ALMOND)
        geom.mass = MASS_KG
        geom.friction[0] = POLISHED_FRICTION


def loose_pile(count: int, floor_top_m: float, spread_m: float) -> Float64[np.ndarray, "almonds 7"]:
    """Return poses of almonds that float in layers above a vessel's floor, ready to fall.

    Args:
        count: number of almonds.
        floor_top_m: height of the vessel's inner floor.
        spread_m: width of the ring about the axis in which they float.
    """
    generator = np.random.default_rng(0)
    pile = np.zeros((count, POSE_SIZE))
    for number, almond in enumerate(pile):
        angle, layer = _GOLDEN_ANGLE_RAD * number, number // _LAYER
        radius = _INNERMOST_M + spread_m * np.sqrt(number % _LAYER / _LAYER)
        height = floor_top_m + _ABOVE_FLOOR_M + _LAYER_HEIGHT_M * layer
        almond[:3] = radius * np.cos(angle), radius * np.sin(angle), height
        almond[3:] = generator.normal(size=4)
        almond[3:] /= np.linalg.norm(almond[3:])
    return pile


def put_pile(
    almonds: Float64[np.ndarray, "almonds 7"],
    pile: Float64[np.ndarray, "almonds 7"],
    place_m: Float64[np.ndarray, "3"],
    turn_rad: float,
) -> None:
    """Write the poses of a pile that is turned about the vertical and stands at a place."""
    turn = about_vertical(turn_rad)
    for almond, settled in zip(almonds, pile, strict=True):
        mujoco.mju_rotVecQuat(almond[:3], settled[:3], turn)
        mujoco.mju_mulQuat(almond[3:], turn, settled[3:])
    almonds[:, :3] += place_m
