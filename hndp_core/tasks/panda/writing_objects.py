"""Whiteboard, marker and digit card of the writing task, as MuJoCo bodies, and where they are."""

from typing import Final

import numpy as np
from jaxtyping import Float64

from hndp_core.tasks.panda.guided_tool import GuidedTool
from hndp_core.tasks.panda.simulator import Body, Spec, mujoco
from hndp_core.tasks.panda.solid import BLUE, STEEL, add_solid

BOARD_CENTRE_M: Final = (0.50, 0.0)
BOARD_TOP_M: Final = 0.02
BOARD_HALF_M: Final = (0.10, 0.08)
"""Half of its sides along x and y of the robot's base frame."""

CARD_CENTRE_M: Final = (0.50, 0.20)
CARD_TOP_M: Final = 0.004
CARD_SCALE: Final = 0.5
"""A digit on the card is half as large as it shall be on the board; so is the card to the board."""

PEN_TIP_IN_HAND_M: Final = (0.0, 0.21)
"""(x, z) of the tip's end in the hand's frame, with the pen sprung out."""
PEN_TRAVEL_M: Final = 0.012

_PRESS_M: Final = 0.004
GUIDED_PEN: Final = GuidedTool(
    point_in_hand_m=PEN_TIP_IN_HAND_M,
    level_lean_rad=0.0,
    least_tilt_rad=-0.3,
    greatest_tilt_rad=0.3,
    lowest_m=BOARD_TOP_M - _PRESS_M,
    plane_m=BOARD_TOP_M - _PRESS_M,
)
"""The tip of the pen, to be guided by hand; snapped, it presses on the board."""

INK: Final = BLUE
PRINT: Final = (0.08, 0.08, 0.10, 1.0)

_TIP_RADIUS_M: Final = 0.003
_TIP_FRICTION: Final = 0.1
_BARREL_FROM_M: Final = 0.09
_PEN_MASS_KG: Final = 0.03
# The spring makes a path that is a few millimetres too low or high harmless: it presses with 0.5 to 2.3 N.
_SPRING_N_PER_M: Final = 150.0
_PRELOAD_M: Final = 0.003
_SPRING_DAMPING_NS_PER_M: Final = 4.0
_WHITE: Final = (0.97, 0.97, 0.97, 1.0)
_FRAME: Final = (0.55, 0.58, 0.62, 1.0)
_FRAME_WIDTH_M: Final = 0.008


def add_board(spec: Spec) -> None:
    """Add the whiteboard "board", flat on the table."""
    (x, y), (half_x, half_y), half_z = BOARD_CENTRE_M, BOARD_HALF_M, BOARD_TOP_M / 2
    board = spec.worldbody.add_body(name="board", pos=(x, y, half_z))
    solid = add_solid(board, mujoco.mjtGeom.mjGEOM_BOX, (half_x, half_y, half_z), (0, 0, 0), _WHITE)
    solid.friction[0] = _TIP_FRICTION
    width = _FRAME_WIDTH_M
    _draw_box(board, (half_x + width, half_y + width, half_z - 0.002), (0, 0, -0.002), _FRAME)


def add_card(spec: Spec) -> None:
    """Add the body "card": only a reset places it (mocap)."""
    card = spec.worldbody.add_body(name="card", mocap=True)
    half_x, half_y, half_z = BOARD_HALF_M[0] * CARD_SCALE, BOARD_HALF_M[1] * CARD_SCALE, CARD_TOP_M / 2
    _draw_box(card, (half_x, half_y, half_z), (0, 0, half_z), _WHITE)
    width = _FRAME_WIDTH_M * CARD_SCALE
    _draw_box(card, (half_x + width, half_y + width, half_z / 2), (0, 0, half_z / 2), _FRAME)


def add_pen(hand: Body) -> None:
    """Fix the pen to the hand: body "pen", origin at the tip's end, sliding along the hand on a spring."""
    x, z = PEN_TIP_IN_HAND_M
    pen = hand.add_body(name="pen", pos=(x, 0, z), gravcomp=1.0)
    pen.add_joint(
        name="pen",
        type=mujoco.mjtJoint.mjJNT_SLIDE,
        axis=(0, 0, 1),
        range=(-PEN_TRAVEL_M, 0.0),
        stiffness=[_SPRING_N_PER_M, 0, 0],
        springref=_PRELOAD_M,
        damping=[_SPRING_DAMPING_NS_PER_M, 0, 0],
    )
    tip = add_solid(pen, mujoco.mjtGeom.mjGEOM_SPHERE, (_TIP_RADIUS_M, 0, 0), (0, 0, -_TIP_RADIUS_M), INK)
    tip.mass = _PEN_MASS_KG
    tip.friction[0] = _TIP_FRICTION
    for begin, end, radius, rgba in (
        (-0.006, -0.025, 0.004, INK),
        (-0.025, _BARREL_FROM_M - z, 0.008, STEEL),
    ):
        pen.add_geom(
            type=mujoco.mjtGeom.mjGEOM_CAPSULE,
            fromto=(0, 0, begin, 0, 0, end),
            size=(radius, 0, 0),
            rgba=rgba,
            contype=0,
            conaffinity=0,
            mass=0,
        )


def on_board(points_m: Float64[np.ndarray, "points 2"]) -> Float64[np.ndarray, "points 2"]:
    """From the writer's view (right, up) around the board's middle to x, y of the base frame [m].

    The writer stands opposite the robot, where the camera is: up on the board is towards the robot.
    """
    right, up = points_m[:, 0], points_m[:, 1]
    return np.stack([BOARD_CENTRE_M[0] - up, BOARD_CENTRE_M[1] + right], axis=1)


def from_board(places_m: Float64[np.ndarray, "points 2"]) -> Float64[np.ndarray, "points 2"]:
    """The inverse of `on_board`."""
    x, y = places_m[:, 0], places_m[:, 1]
    return np.stack([y - BOARD_CENTRE_M[1], BOARD_CENTRE_M[0] - x], axis=1)


def _draw_box(
    body: Body,
    size: tuple[float, float, float],
    position: tuple[float, float, float],
    rgba: tuple[float, float, float, float],
) -> None:
    body.add_geom(
        type=mujoco.mjtGeom.mjGEOM_BOX, size=size, pos=position, rgba=rgba, contype=0, conaffinity=0, mass=0
    )
