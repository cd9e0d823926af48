"""Whether an arm's links keep clear of the table, of the walls of its room and of one another on the way."""

from typing import Final

import numpy as np
from jaxtyping import Float64

from hndp_core.errors import TrajectoryRefused
from hndp_core.tasks.arm_body import ArmBody

_POSES_AT_ONCE: Final = 512
"""Bounds the memory that a long trajectory takes."""


def check_workspace(rows: Float64[np.ndarray, "rows dof"], rate_hz: float, body: ArmBody) -> None:
    """Refuse a motion on which a part of the arm comes too close to something, at its first bad moment.

    All rows are checked, and where rows are far apart the straight way in joint space between them: poses
    follow so closely that none between them is farther than the room's clearance from a checked one. What is
    clear at all of them is thus nowhere touched. An arm that was led too close to something may leave it:
    from pose to pose it must come closer to the limit, until it is clear.

    Args:
        rows: joint positions within their limits, the start first [rad].
        rate_hz: rows a second.
        body: shape of the arm and its room.

    Raises:
        TrajectoryRefused: names link, time, value and limit.
    """
    poses, places = _closely(rows, body)
    for first in range(_leaving(poses, body), len(poses), _POSES_AT_ONCE):
        conflict = body.first_conflict(poses[first : first + _POSES_AT_ONCE])
        if conflict is not None:
            time_s = float(places[first + conflict.row]) / rate_hz
            raise TrajectoryRefused(
                conflict.part, time_s, conflict.quantity, conflict.value_m, conflict.limit_m, "m"
            )


def _leaving(poses: Float64[np.ndarray, "poses dof"], body: ArmBody) -> int:
    """Return how many poses it takes to leave what is too close at the start; 0: nothing is, or never."""
    before = body.first_conflict(poses[:1])
    if before is None:
        return 0
    for number in range(1, len(poses)):
        here = body.first_conflict(poses[number : number + 1])
        if here is None:
            return number
        same = (here.part, here.quantity) == (before.part, before.quantity)
        if not same or abs(here.limit_m - here.value_m) > abs(before.limit_m - before.value_m):
            return 0
        before = here
    return 0


def _closely(
    rows: Float64[np.ndarray, "rows dof"], body: ArmBody
) -> tuple[Float64[np.ndarray, "poses dof"], Float64[np.ndarray, " poses"]]:
    """Return the rows with poses between them, and where each is, counted in rows.

    From one pose to the next no point of the arm moves more than twice the clearance.
    """
    steps = np.diff(rows, axis=0)
    travel_m = np.abs(steps) @ body.reach_m
    counts = np.maximum(np.ceil(travel_m / (2 * body.room.clearance_m)), 1).astype(int)
    row = np.repeat(np.arange(len(steps)), counts)
    part = np.concatenate([np.arange(1, count + 1) / count for count in counts])
    poses = rows[row] + part[:, None] * steps[row]
    return np.vstack([rows[:1], poses]), np.concatenate([[0.0], row + part])
