"""Where the tool is at given joint positions, by the arm's own frames. Needs no simulator."""

import numpy as np
from jaxtyping import Float64

from hndp_core.tasks.panda import arm_facts as facts


def tool_places(
    joints: Float64[np.ndarray, "rows 7"], tool_m: tuple[float, float]
) -> Float64[np.ndarray, "rows 3"]:
    """Return the places of a point of the tool in the robot's base frame [m].

    Args:
        joints: joint positions [rad].
        tool_m: (x, z) of the point in the hand's frame.
    """
    turn = np.broadcast_to(np.eye(3), (len(joints), 3, 3))
    place = np.zeros((len(joints), 3))
    for link, angles in zip(facts.LINKS, joints.T, strict=True):
        place = place + turn @ np.array(link.position_m)
        turn = turn @ _turn_of(link.quaternion) @ _about_z(angles)
    place = place + turn @ np.array(facts.HAND_POSITION_M)
    turn = turn @ _about_z(np.full(len(joints), facts.HAND_YAW_RAD))
    return place + turn @ np.array([tool_m[0], 0.0, tool_m[1]])


def _about_z(angles: Float64[np.ndarray, " rows"]) -> Float64[np.ndarray, "rows 3 3"]:
    turns = np.zeros((len(angles), 3, 3))
    turns[:, 0, 0] = turns[:, 1, 1] = np.cos(angles)
    turns[:, 1, 0] = np.sin(angles)
    turns[:, 0, 1] = -turns[:, 1, 0]
    turns[:, 2, 2] = 1.0
    return turns


def _turn_of(quaternion: facts.Quaternion) -> Float64[np.ndarray, "3 3"]:
    w, x, y, z = quaternion
    return np.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
            [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
            [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)],
        ]
    )
