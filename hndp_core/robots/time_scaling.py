"""How much slower a trajectory must run for the arm to follow it, and its commands at that pace."""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float64

from hndp_core.data.trajectory import resample
from hndp_core.errors import TrajectoryRefused
from hndp_core.robots.limits import PANDA_LIMITS, JointLimits
from hndp_core.robots.safety import check_trajectory

GREATEST_SLOW_DOWN = 4.0
"""A motion that is slower than this is no longer the skill that was shown."""

_SLOWER = 1.02
"""Factor from one try to the next: between its rows a path may be curved more than they say."""


class PacedTrajectory(NamedTuple):
    """Commands that keep the arm's limits.

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
) -> PacedTrajectory:
    """Slow a trajectory down until the arm can follow it, as raising tau does with a DMP (NDP Eq. 1).

    The path through joint space stays the same, see `resample`.

    Args:
        start: where the arm stands before row 0 [rad].
        trajectory: joint commands [rad].
        rate_hz: at which the commands are streamed, slowed down or not.
        limits: of the arm.

    Raises:
        ShapeMismatch: start and trajectory do not fit the arm.
        TrajectoryRefused: it leaves the joints' range, or breaks a limit even when slowed down by
            `GREATEST_SLOW_DOWN`; it names the trajectory's first bad moment at full pace.
    """
    slow_down = least_slow_down(start, trajectory, rate_hz, limits)
    while 1 < slow_down <= GREATEST_SLOW_DOWN:
        commands = resample(start, trajectory, int(np.ceil(len(trajectory) * slow_down)))
        if least_slow_down(start, commands, rate_hz, limits) == 1:
            return PacedTrajectory(commands, len(commands) / len(trajectory))
        slow_down *= _SLOWER
    check_trajectory(start, trajectory, rate_hz, limits)
    return PacedTrajectory(trajectory, 1.0)


def least_slow_down(
    start: Float64[np.ndarray, " dof"],
    trajectory: Float64[np.ndarray, "steps dof"],
    rate_hz: float,
    limits: JointLimits = PANDA_LIMITS,
) -> float:
    """Return the least factor on time at which a trajectory keeps the limits of velocity and acceleration.

    The same rows are streamed at `rate_hz` / factor, as a DMP whose tau is raised passes through the same
    points more slowly: velocities fall by the factor, accelerations by its square. Motion is counted as
    `check_trajectory` counts it, from standing still at `start`.

    Args:
        start: where the arm stands before row 0 [rad].
        trajectory: joint commands [rad].
        rate_hz: at which they were meant to be streamed.
        limits: of the arm.

    Returns:
        1 for a trajectory that fits as it is; infinity for one that leaves the joints' range, which no
        slow-down heals.

    Raises:
        ShapeMismatch: start and trajectory do not fit the arm.
    """
    try:
        check_trajectory(start, trajectory, rate_hz, limits)
    except TrajectoryRefused as refused:
        if refused.quantity == "position":
            return float("inf")
    else:
        return 1.0
    rows = np.vstack([start, trajectory])
    velocity = np.vstack([np.zeros_like(start), np.diff(rows, axis=0) * rate_hz])
    acceleration = np.diff(velocity, axis=0) * rate_hz
    by_velocity = np.max(np.abs(velocity) / np.array(limits.velocity))
    by_acceleration = np.max(np.abs(acceleration) / np.array(limits.acceleration))
    return float(max(1.0, by_velocity, np.sqrt(by_acceleration)))
