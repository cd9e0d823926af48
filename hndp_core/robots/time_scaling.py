"""How much slower a trajectory must run for the arm to follow it."""

import numpy as np
from jaxtyping import Float64

from hndp_core.errors import TrajectoryRefused
from hndp_core.robots.limits import PANDA_LIMITS, JointLimits
from hndp_core.robots.safety import check_trajectory


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
