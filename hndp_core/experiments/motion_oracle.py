"""Whether a motion of the Panda is unsafe, judged apart from the check before motion.

Nothing here is shared with `hndp_core.robots`: limits are written down again as the arm's maker publishes
them, differences are taken at once instead of one after the other, and poses follow from the published
Denavit-Hartenberg parameters instead of MuJoCo's model. Bodies are thinner than the real ones, so that
whatever is called unsafe here is so beyond doubt.
"""

from itertools import combinations
from math import pi
from typing import Final

import numpy as np
from jaxtyping import Bool, Float64

DOF: Final = 7

_POSITION: Final = (
    (-2.8973, 2.8973),
    (-1.7628, 1.7628),
    (-2.8973, 2.8973),
    (-3.0718, -0.0698),
    (-2.8973, 2.8973),
    (-0.0175, 3.7525),
    (-2.8973, 2.8973),
)
_GREATEST: Final = {
    1: (2.1750, 2.1750, 2.1750, 2.1750, 2.6100, 2.6100, 2.6100),
    2: (15.0, 7.5, 10.0, 12.5, 15.0, 20.0, 20.0),
    3: (7500.0, 3750.0, 5000.0, 6250.0, 7500.0, 10000.0, 10000.0),
}
"""Of the first, second and third difference [rad/s, rad/s^2, rad/s^3]."""

_DENAVIT_HARTENBERG: Final = (
    (0.0, 0.333, 0.0),
    (0.0, 0.0, -pi / 2),
    (0.0, 0.316, pi / 2),
    (0.0825, 0.0, pi / 2),
    (-0.0825, 0.384, -pi / 2),
    (0.0, 0.0, pi / 2),
    (0.088, 0.0, pi / 2),
)
"""a [m], d [m], alpha [rad] of each joint, in Craig's convention."""

_FLANGE_M: Final = 0.107
_FINGER_TIPS_M: Final = 0.107 + 0.1034
_PALM_END_M: Final = 0.107 + 0.0584
"""Where the fingers begin, which are thinner than the hand."""
_HAND_HALF_WIDTH_M: Final = 0.08
_HAND_MIDDLE_M: Final = 0.107 + 0.04

_BONES: Final = {
    "column": (0, 1, 0.055),
    "upper arm": (1, 2, 0.05),
    "forearm": (3, 4, 0.05),
    "hand": (5, 6, 0.025),
}
"""First and last of the points of `bone_ends`, and a radius [m] that the part has at least everywhere."""

_NEIGHBOURS: Final = ({"column", "upper arm"}, {"upper arm", "forearm"}, {"forearm", "hand"})


def violation(
    start: Float64[np.ndarray, " 7"], trajectory: object, rate_hz: float, table_m: float = 0.0
) -> str | None:
    """Return what is unsafe about streaming a trajectory [rad] from rest at `start` [rad]; None: nothing.

    Args:
        start: where the arm stands [rad].
        trajectory: whatever was taken for joint commands.
        rate_hz: at which it is streamed.
        table_m: height of the table.
    """
    if not (isinstance(trajectory, np.ndarray) and trajectory.dtype == np.float64):
        return "no array of float64"
    if trajectory.ndim != 2 or trajectory.shape[0] == 0 or trajectory.shape[1] != DOF:
        return "wrong shape"
    if not np.isfinite(trajectory).all():
        return "not finite"
    low, high = np.array(_POSITION).T
    if ((trajectory < low) | (trajectory > high)).any():
        return "position"
    at_rest = np.vstack([start, start, start, trajectory])
    for order, greatest in _GREATEST.items():
        if (np.abs(np.diff(at_rest, n=order, axis=0)) > np.array(greatest) / rate_hz**order).any():
            return f"difference of order {order}"
    if (_least_stop(start, trajectory, rate_hz, -1) < low).any():
        return "no room to stop"
    if (_least_stop(start, trajectory, rate_hz, 1) > high).any():
        return "no room to stop"
    if below_table(trajectory, table_m).any():
        return "table"
    return "self-collision" if self_collides(trajectory).any() else None


def _least_stop(
    start: Float64[np.ndarray, " 7"],
    trajectory: Float64[np.ndarray, "steps 7"],
    rate_hz: float,
    direction: int,
) -> Float64[np.ndarray, " 7"]:
    """Return how far in one direction the joints come at least [rad] after the last row.

    v^2 / 2a, less one period at full speed for what sampling may hide.
    """
    before = trajectory[-2] if len(trajectory) > 1 else start
    speed = np.maximum(direction * (trajectory[-1] - before) * rate_hz, 0.0)
    way = speed**2 / (2 * np.array(_GREATEST[2])) - speed / rate_hz
    return trajectory[-1] + direction * np.maximum(way, 0.0)


def below_table(joints: Float64[np.ndarray, "rows 7"], table_m: float = 0.0) -> Bool[np.ndarray, " rows"]:
    """Return in which rows [rad] elbow, wrist, flange, hand or finger tips are below the table."""
    frames = _frames(joints)
    hand = frames[:, 6]
    flange = _point(hand, (0.0, 0.0, _FLANGE_M))
    tips = _point(hand, (0.0, 0.0, _FINGER_TIPS_M))
    # the hand is mounted at -45 degrees about the flange
    side = _HAND_HALF_WIDTH_M / np.sqrt(2)
    corners = [_point(hand, (sign * side, sign * side, _HAND_MIDDLE_M)) for sign in (-1, 1)]
    points = [frames[:, 3, :3, 3], frames[:, 4, :3, 3], frames[:, 6, :3, 3], flange, tips, *corners]
    return np.stack(points)[..., 2].min(axis=0) < table_m


def self_collides(joints: Float64[np.ndarray, "rows 7"]) -> Bool[np.ndarray, " rows"]:
    """Return in which rows [rad] two parts of the arm that are no neighbours are inside each other."""
    points = bone_ends(joints)
    hit = np.zeros(len(joints), dtype=bool)
    for one, other in combinations(_BONES, 2):
        if {one, other} in _NEIGHBOURS:
            continue
        (a, b, radius), (c, d, other_radius) = _BONES[one], _BONES[other]
        distance = _between_segments(points[:, a], points[:, b], points[:, c], points[:, d])
        hit |= distance < radius + other_radius
    return hit


def bone_ends(joints: Float64[np.ndarray, "rows 7"]) -> Float64[np.ndarray, "rows 8 3"]:
    """Return foot, shoulder, end of the upper arm, elbow, wrist, flange's beginning, palm's end and
    finger tips [m].
    """
    frames = _frames(joints)
    foot = np.tile((0.0, 0.0, 0.05), (len(joints), 1))
    hand = frames[:, 6]
    ends = [frames[:, 1, :3, 3], frames[:, 2, :3, 3], frames[:, 3, :3, 3], frames[:, 4, :3, 3]]
    on_hand = [_point(hand, (0.0, 0.0, along)) for along in (0.0, _PALM_END_M, _FINGER_TIPS_M)]
    return np.stack([foot, *ends, *on_hand], axis=1)


def _frames(joints: Float64[np.ndarray, "rows 7"]) -> Float64[np.ndarray, "rows 7 4 4"]:
    """Return the pose of each joint's frame in the base's."""
    pose = np.tile(np.eye(4), (len(joints), 1, 1))
    frames = []
    for joint, (a, d, alpha) in enumerate(_DENAVIT_HARTENBERG):
        c, s, ca, sa = np.cos(joints[:, joint]), np.sin(joints[:, joint]), np.cos(alpha), np.sin(alpha)
        step = np.zeros((len(joints), 4, 4))
        step[:, 0, 0], step[:, 0, 1], step[:, 0, 3] = c, -s, a
        step[:, 1, 0], step[:, 1, 1], step[:, 1, 2], step[:, 1, 3] = s * ca, c * ca, -sa, -d * sa
        step[:, 2, 0], step[:, 2, 1], step[:, 2, 2], step[:, 2, 3] = s * sa, c * sa, ca, d * ca
        step[:, 3, 3] = 1.0
        pose = pose @ step
        frames.append(pose)
    return np.stack(frames, axis=1)


def _point(
    frame: Float64[np.ndarray, "rows 4 4"], place_m: tuple[float, float, float]
) -> Float64[np.ndarray, "rows 3"]:
    return frame[:, :3, :3] @ np.array(place_m) + frame[:, :3, 3]


def _between_segments(
    a: Float64[np.ndarray, "rows 3"],
    b: Float64[np.ndarray, "rows 3"],
    c: Float64[np.ndarray, "rows 3"],
    d: Float64[np.ndarray, "rows 3"],
) -> Float64[np.ndarray, " rows"]:
    """Return the least distance between points of the segments, at nine places of each: never too small."""
    parts = np.linspace(0.0, 1.0, 9)[:, None, None]
    on_first, on_second = a + parts * (b - a), c + parts * (d - c)
    return np.linalg.norm(on_first[:, None] - on_second[None], axis=-1).min(axis=(0, 1))
