"""How much slower a trajectory must run for the arm to follow it, and its commands at that pace."""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float64

from hndp_core.data.trajectory import resample
from hndp_core.errors import TrajectoryRefused
from hndp_core.robots.limits import PANDA_LIMITS, JointLimits
from hndp_core.robots.safety import USABLE_SHARE, check_trajectory
from hndp_core.tasks.arm_body import ArmBody

GREATEST_SLOW_DOWN = 4.0
"""A motion that is slower than this is no longer the skill that was shown."""

_SLOWER = 1.02
"""Factor from one try to the next: between its rows a path may be curved more than they say."""


class PacedTrajectory(NamedTuple):
    """Commands that pass `check_trajectory`.

    Attributes:
        commands: to be streamed at the rate of the trajectory that they pass through [rad]
        slow_down: how many times as long they take; 1 leaves the trajectory as it is, bit by bit
    """

    commands: Float64[np.ndarray, "paced dof"]
    slow_down: float


def slow_to_fit(
    start: Float64[np.ndarray, " dof"],
    trajectory: Float64[np.ndarray, "steps dof"],
    rate_hz: float,
    limits: JointLimits = PANDA_LIMITS,
    body: ArmBody | None = None,
) -> PacedTrajectory:
    """Slow a trajectory down until the arm can follow it, as raising tau does with a DMP (NDP Eq. 1).

    The path through joint space stays the same, see `resample`.

    Args:
        start: where the arm stands before row 0 [rad].
        trajectory: joint commands [rad].
        rate_hz: at which the commands are streamed, slowed down or not.
        limits: of its joints.
        body: shape of the arm and its room, which no pace changes; None: only joints are checked.

    Raises:
        NotNumbers, ShapeMismatch: start and trajectory do not fit the arm.
        TrajectoryRefused: its path leaves the joints' range or the arm's room, or it breaks a limit even when
            slowed down by `GREATEST_SLOW_DOWN`, and then names the first bad moment at full pace.
    """
    slow_down = least_slow_down(start, trajectory, rate_hz, limits)
    while 1 < slow_down <= GREATEST_SLOW_DOWN:
        commands = resample(start, trajectory, int(np.ceil(len(trajectory) * slow_down)))
        if least_slow_down(start, commands, rate_hz, limits) == 1:
            check_trajectory(start, commands, rate_hz, limits, body)
            return PacedTrajectory(commands, len(commands) / len(trajectory))
        slow_down *= _SLOWER
    return PacedTrajectory(check_trajectory(start, trajectory, rate_hz, limits, body), 1.0)


def least_slow_down(
    start: Float64[np.ndarray, " dof"],
    trajectory: Float64[np.ndarray, "steps dof"],
    rate_hz: float,
    limits: JointLimits = PANDA_LIMITS,
) -> float:
    """Return the least factor on time at which a trajectory keeps the limits of its joints.

    The same rows are streamed at `rate_hz` / factor, as a DMP whose tau is raised passes through the same
    points more slowly: velocities fall by the factor, accelerations by its square, jerks by its cube. Motion
    is counted as `check_trajectory` counts it, from standing still at `start`.

    Args:
        start: where the arm stands before row 0 [rad].
        trajectory: joint commands [rad].
        rate_hz: at which they were meant to be streamed.
        limits: of the joints.

    Returns:
        1 for a trajectory that fits as it is; infinity for one that leaves the joints' range, which no
        slow-down heals.

    Raises:
        NotNumbers, ShapeMismatch: start and trajectory do not fit the arm.
    """
    try:
        check_trajectory(start, trajectory, rate_hz, limits)
    except TrajectoryRefused as refused:
        if not refused.too_fast:
            return float("inf")
    else:
        return 1.0
    factor, values = 1.0, np.vstack([start, trajectory])
    for order, greatest in enumerate((limits.velocity, limits.acceleration, limits.jerk), start=1):
        values = np.vstack([np.zeros_like(start), np.diff(values, axis=0) * rate_hz])
        excess = float(np.max(np.abs(values) / (USABLE_SHARE * np.array(greatest))))
        factor = max(factor, excess ** (1 / order))
    while factor <= GREATEST_SLOW_DOWN and not _passes(start, trajectory, rate_hz / factor, limits):
        factor *= _SLOWER  # it ends in motion, where it cannot brake in time
    return factor


def _passes(
    start: Float64[np.ndarray, " dof"],
    trajectory: Float64[np.ndarray, "steps dof"],
    rate_hz: float,
    limits: JointLimits,
) -> bool:
    try:
        check_trajectory(start, trajectory, rate_hz, limits)
    except TrajectoryRefused as refused:
        return not refused.too_fast or refused.quantity != "position"
    return True
