"""The check that every trajectory passes before the arm moves."""

import numpy as np
from jaxtyping import Bool, Float64

from hndp_core.errors import ShapeMismatch, TrajectoryRefused
from hndp_core.robots.limits import PANDA_LIMITS, JointLimits


def check_trajectory(
    start: Float64[np.ndarray, " dof"],
    trajectory: Float64[np.ndarray, "steps dof"],
    rate_hz: float,
    limits: JointLimits = PANDA_LIMITS,
    *,
    check_jerk: bool = False,
) -> None:
    """Refuse a trajectory that would break a limit, at its first bad moment.

    The arm stands still at `start` [rad] before row 0 [rad], so the way to row 0 counts as motion.
    Velocity, acceleration and (if asked) jerk are differences of the rows at `rate_hz`; stopping after
    the last row is left to the arm, which holds there. Jerk is off by default: at 50 Hz a third
    difference resolves no better than 1 / (50 Hz)^3, where rounding of recorded joints (1e-4 rad) already
    makes tens of rad/s^3, and the arm's own interpolation to 1 kHz decides the jerk it really sees.

    Raises:
        ShapeMismatch: not (steps, dof) with at least one step, or a start that does not fit.
        TrajectoryRefused: names joint (from 1), time, value and limit.
    """
    start = np.asarray(start, dtype=np.float64)
    trajectory = np.asarray(trajectory, dtype=np.float64)
    if trajectory.ndim != 2 or trajectory.shape[0] < 1 or trajectory.shape[1] != limits.dof:
        raise ShapeMismatch("trajectory", trajectory.shape, f"(steps, {limits.dof}) with at least 1 step")
    if start.shape != (limits.dof,):
        raise ShapeMismatch("start joints", start.shape, f"({limits.dof},)")
    rows = np.vstack([start, trajectory])
    low, high = limits.position_range()
    _refuse(~np.isfinite(rows), rows, high, rate_hz, "position", "rad")
    _refuse(rows < low, rows, low, rate_hz, "position", "rad")
    _refuse(rows > high, rows, high, rate_hz, "position", "rad")
    rest = np.zeros((1, limits.dof))
    velocity = np.vstack([rest, np.diff(rows, axis=0) * rate_hz])
    _refuse_above(velocity, limits.velocity, rate_hz, "velocity", "rad/s")
    acceleration = np.vstack([rest, np.diff(velocity, axis=0) * rate_hz])
    _refuse_above(acceleration, limits.acceleration, rate_hz, "acceleration", "rad/s^2")
    if check_jerk:
        jerk = np.vstack([rest, np.diff(acceleration, axis=0) * rate_hz])
        _refuse_above(jerk, limits.jerk, rate_hz, "jerk", "rad/s^3")


def _refuse_above(
    values: Float64[np.ndarray, "rows dof"],
    greatest: tuple[float, ...],
    rate_hz: float,
    quantity: str,
    unit: str,
) -> None:
    limit = np.array(greatest)
    _refuse(np.abs(values) > limit, values, limit, rate_hz, quantity, unit)


def _refuse(
    bad: Bool[np.ndarray, "rows dof"],
    values: Float64[np.ndarray, "rows dof"],
    limit: Float64[np.ndarray, " dof"],
    rate_hz: float,
    quantity: str,
    unit: str,
) -> None:
    if not bad.any():
        return
    row, joint = np.argwhere(bad)[0]
    raise TrajectoryRefused(
        int(joint) + 1, row / rate_hz, quantity, float(values[row, joint]), float(limit[joint]), unit
    )
