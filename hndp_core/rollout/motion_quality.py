"""How smooth a commanded motion is, and how near it comes to the limits of the arm's joints."""

from typing import NamedTuple

import numpy as np
from jaxtyping import Float64

from hndp_core.robots.limits import PANDA_LIMITS, JointLimits


class MotionQuality(NamedTuple):
    """Of one motion, as it was executed.

    Attributes:
        squared_jerk: see `squared_jerk` [rad^2/s^5]
        velocity_share: greatest joint speed as a share of that joint's limit; 1 is the limit
        acceleration_share: the same of acceleration
    """

    squared_jerk: float
    velocity_share: float
    acceleration_share: float


def motion_quality(
    start: Float64[np.ndarray, " dof"],
    trajectory: Float64[np.ndarray, "steps dof"],
    rate_hz: float,
    slow_down: float = 1.0,
    limits: JointLimits = PANDA_LIMITS,
) -> MotionQuality:
    """Smoothness and margins of joint commands [rad], executed `slow_down` times as slowly as planned.

    Differences of rows, as `check_trajectory` takes them: the arm stands still at `start` before row 0.
    """
    pace_hz = rate_hz / slow_down
    velocity = _differences(np.vstack([start, trajectory]), pace_hz)
    acceleration = _differences(np.vstack([np.zeros_like(start), velocity]), pace_hz)
    return MotionQuality(
        squared_jerk(start, trajectory, pace_hz),
        float((np.abs(velocity) / np.array(limits.velocity)).max()),
        float((np.abs(acceleration) / np.array(limits.acceleration)).max()),
    )


def squared_jerk(
    start: Float64[np.ndarray, " dof"], trajectory: Float64[np.ndarray, "steps dof"], rate_hz: float
) -> float:
    """Integral over time of the joints' squared jerk [rad^2/s^5]; the arm stands still before row 0."""
    rows = np.vstack([start, start, start, trajectory])
    jerk = np.diff(rows, n=3, axis=0) * rate_hz**3
    return float((jerk**2).sum() / rate_hz)


def _differences(rows: Float64[np.ndarray, "rows dof"], rate_hz: float) -> Float64[np.ndarray, "steps dof"]:
    return np.diff(rows, axis=0) * rate_hz
