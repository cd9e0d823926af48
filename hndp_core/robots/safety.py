"""The check that every trajectory passes before the arm moves."""

from typing import Final

import numpy as np
from jaxtyping import Bool, Float64

from hndp_core.errors import InvalidSetting, NotNumbers, ShapeMismatch, TrajectoryRefused
from hndp_core.robots.limits import PANDA_LIMITS, JointLimits
from hndp_core.robots.workspace import check_workspace
from hndp_core.tasks.arm_body import ArmBody

USABLE_SHARE: Final = 1 - 1e-10
"""Of a limit of velocity, acceleration and jerk: what rounding adds to differences of rows is less."""

_DERIVATIVES: Final = (("velocity", "rad/s"), ("acceleration", "rad/s^2"), ("jerk", "rad/s^3"))


def check_trajectory(
    start: Float64[np.ndarray, " dof"],
    trajectory: Float64[np.ndarray, "steps dof"],
    rate_hz: float,
    limits: JointLimits = PANDA_LIMITS,
    body: ArmBody | None = None,
) -> Float64[np.ndarray, "steps dof"]:
    """Refuse a trajectory that would break a limit, at its first bad moment.

    The arm stands still at `start` before row 0, so the way to row 0 counts as motion. After the last row it
    brakes as hard as it may, so where that brings it must be safe too. Velocity, acceleration and jerk are
    differences of the rows at `rate_hz`. Below 250 Hz a Panda's path that keeps the limits of acceleration
    keeps those of jerk, which are 500 times as great; what the arm does between two rows is its own.

    Args:
        start: where the arm stands [rad].
        trajectory: joint commands [rad].
        rate_hz: at which they are streamed.
        limits: of the joints.
        body: shape of the arm and its room; None: only joints are checked.

    Returns:
        The rows that were checked, in an array of their own: what happens to the caller's array afterwards
        does not change what is streamed.

    Raises:
        NotNumbers: strings, objects, complex or truth values.
        ShapeMismatch: not (steps, dof) with at least one step, or a start that does not fit.
        InvalidSetting: a rate that is no positive number.
        TrajectoryRefused: names joint (from 1) or link, time, value and limit.
    """
    if not (np.isfinite(rate_hz) and rate_hz > 0):
        raise InvalidSetting("rate_hz", rate_hz, "use a number above 0")
    start, commands = _numbers("start joints", start), _numbers("trajectory", trajectory)
    if commands.ndim != 2 or commands.shape[0] < 1 or commands.shape[1] != limits.dof:
        raise ShapeMismatch("trajectory", commands.shape, f"(steps, {limits.dof}) with at least 1 step")
    if start.shape != (limits.dof,):
        raise ShapeMismatch("start joints", start.shape, f"({limits.dof},)")
    rows = np.vstack([start, commands])
    _check_positions(rows, rate_hz, limits)
    _check_pace(rows, rate_hz, limits)
    stopped = np.vstack([rows, _braking(rows, rate_hz, limits)])
    _check_positions(stopped, rate_hz, limits, too_fast=True)
    if body is not None:
        check_workspace(stopped, rate_hz, body)
    return commands


def _numbers(what: str, values: object) -> Float64[np.ndarray, "..."]:
    """Return a copy of the values; what numpy would silently make numbers of is refused."""
    try:
        found = np.asarray(values)
    except ValueError as error:
        raise NotNumbers(what, f"rows of differing lengths ({error})") from error
    if found.dtype.kind not in "iuf":
        raise NotNumbers(what, f"values of type {found.dtype}")
    return np.array(found, dtype=np.float64)


def _check_positions(
    rows: Float64[np.ndarray, "rows dof"], rate_hz: float, limits: JointLimits, *, too_fast: bool = False
) -> None:
    low, high = limits.position_range()
    for bad, limit in ((~np.isfinite(rows), high), (rows < low, low), (rows > high, high)):
        _refuse(bad, rows, limit, rate_hz, "position", "rad", too_fast=too_fast)


def _check_pace(rows: Float64[np.ndarray, "rows dof"], rate_hz: float, limits: JointLimits) -> None:
    """Check the derivatives, one after the other, each as the difference of the one before."""
    values, rest = rows, np.zeros((1, limits.dof))
    for quantity, unit in _DERIVATIVES:
        values = np.vstack([rest, np.diff(values, axis=0) * rate_hz])
        limit = np.array(getattr(limits, quantity))
        bad = np.abs(values) > USABLE_SHARE * limit
        _refuse(bad, values, limit, rate_hz, quantity, unit, too_fast=True)


def _braking(
    rows: Float64[np.ndarray, "rows dof"], rate_hz: float, limits: JointLimits
) -> Float64[np.ndarray, "braking dof"]:
    """Return where the joints come [rad] that brake after the last row as hard as they may."""
    velocity = (rows[-1] - rows[-2]) * rate_hz
    loss = np.array(limits.acceleration) / rate_hz
    steps = int(np.ceil(np.max(np.abs(velocity) / loss)))
    speeds = np.abs(velocity) - loss * np.arange(1, steps + 1)[:, None]
    return rows[-1] + np.cumsum(np.sign(velocity) * np.maximum(speeds, 0.0), axis=0) / rate_hz


def _refuse(
    bad: Bool[np.ndarray, "rows dof"],
    values: Float64[np.ndarray, "rows dof"],
    limit: Float64[np.ndarray, " dof"],
    rate_hz: float,
    quantity: str,
    unit: str,
    *,
    too_fast: bool = False,
) -> None:
    if not bad.any():
        return
    row, joint = (int(each) for each in np.argwhere(bad)[0])
    raise TrajectoryRefused(
        f"joint {joint + 1}",
        row / rate_hz,
        quantity,
        float(values[row, joint]),
        float(limit[joint]),
        unit,
        too_fast=too_fast,
    )
