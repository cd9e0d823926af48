"""Parts of objects that touch each other, as MuJoCo geoms."""

from math import cos, sin
from typing import Any, Final

import numpy as np
from jaxtyping import Float64

from hndp_core.tasks.panda.simulator import Body, mujoco

Colour = tuple[float, float, float, float]

POLISHED_FRICTION: Final = 0.2
"""Of tools and almonds, so that these slide on them (MuJoCo takes the greater value of two bodies)."""

STEEL: Final = (0.62, 0.65, 0.70, 1.0)
BLUE: Final = (0.13, 0.33, 0.62, 1.0)

_FRICTION: Final = 0.4


def add_solid(
    body: Body,
    kind: Any,
    size: tuple[float, float, float],
    position: tuple[float, float, float],
    rgba: Colour,
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


def yaw_then_tip(yaw_rad: float, tip_rad: float) -> tuple[float, float, float, float]:
    """Return the quaternion that tips the z axis by `tip_rad` towards the direction `yaw_rad`."""
    cy, sy, ct, st = cos(yaw_rad / 2), sin(yaw_rad / 2), cos(tip_rad / 2), sin(tip_rad / 2)
    return cy * ct, -sy * st, cy * st, sy * ct


def about_vertical(turn_rad: float) -> Float64[np.ndarray, "4"]:
    """Return the quaternion of a turn about the vertical."""
    turn = np.empty(4)
    mujoco.mju_axisAngle2Quat(turn, np.array([0.0, 0.0, 1.0]), turn_rad)
    return turn
