import re
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hndp_core.errors import InvalidSetting, NotNumbers, ShapeMismatch, TrajectoryRefused
from hndp_core.robots import PANDA_LIMITS, check_trajectory

RATE_HZ = 50.0
HOME = np.array([0.0, -0.785, 0.0, -2.356, 0.0, 1.571, 0.785])
LOW, HIGH = PANDA_LIMITS.position_range()


def _standing(steps: int = 30) -> np.ndarray:
    return np.tile(HOME, (steps, 1))


def _ramp(steps: int, acceleration: np.ndarray) -> np.ndarray:
    """From rest with constant acceleration, seen by second differences."""
    t = np.arange(1, steps + 1)[:, None]
    return HOME + acceleration * t * (t + 1) / 2 / RATE_HZ**2


def test_standing_still_passes():
    check_trajectory(HOME, _standing(), RATE_HZ)


@pytest.mark.parametrize("shape", [(7,), (5, 6), (0, 7), (2, 5, 7)])
def test_wrong_shapes_are_refused(shape):
    with pytest.raises(ShapeMismatch, match=r"expected \(steps, 7\)"):
        check_trajectory(HOME, np.zeros(shape), RATE_HZ)


def test_wrong_start_is_refused():
    with pytest.raises(ShapeMismatch, match="start joints"):
        check_trajectory(HOME[:6], _standing(), RATE_HZ)


@given(
    row=st.integers(0, 29),
    joint=st.integers(1, 7),
    value=st.sampled_from([np.nan, np.inf, -np.inf]),
)
def test_numbers_that_are_none_are_refused(row, joint, value):
    path = _standing()
    path[row, joint - 1] = value
    with pytest.raises(TrajectoryRefused) as caught:
        check_trajectory(HOME, path, RATE_HZ)
    assert (caught.value.part, caught.value.quantity) == (f"joint {joint}", "position")
    assert caught.value.time_s == pytest.approx((row + 1) / RATE_HZ)


@given(joint=st.integers(1, 7), upper=st.booleans(), beyond=st.floats(1e-6, 1.0))
def test_positions_beyond_the_range_are_refused(joint, upper, beyond):
    start = (LOW + HIGH) / 2
    start[joint - 1] = HIGH[joint - 1] + beyond if upper else LOW[joint - 1] - beyond
    with pytest.raises(TrajectoryRefused) as caught:
        check_trajectory(start, np.tile(start, (5, 1)), RATE_HZ)
    assert (caught.value.part, caught.value.quantity, caught.value.time_s) == (
        f"joint {joint}",
        "position",
        0.0,
    )


def test_the_message_names_joint_time_value_and_limit():
    path = _standing()
    path[10:, 1] += 0.05
    message = "joint 2 at 0.22 s has velocity 2.5 rad/s, the limit is 2.175 rad/s"
    with pytest.raises(TrajectoryRefused, match=re.escape(message)):
        check_trajectory(HOME, path, RATE_HZ)


def test_a_jump_from_the_start_counts_as_motion():
    with pytest.raises(TrajectoryRefused) as caught:
        check_trajectory(HOME, _standing() + 0.06, RATE_HZ)
    assert (caught.value.quantity, caught.value.time_s) == ("velocity", 0.02)


@given(joint=st.integers(1, 7), factor=st.floats(0.0, 3.0), sign=st.sampled_from([-1.0, 1.0]))
def test_acceleration_is_refused_exactly_above_its_limit(joint, factor, sign):
    limit = PANDA_LIMITS.acceleration[joint - 1]
    path = _ramp(2, np.eye(7)[joint - 1] * limit * factor * sign)
    if factor < 1 - 1e-9:
        check_trajectory(HOME, path, RATE_HZ)
    elif factor > 1 + 1e-9:
        with pytest.raises(TrajectoryRefused) as caught:
            check_trajectory(HOME, path, RATE_HZ)
        assert (caught.value.part, caught.value.quantity) == (f"joint {joint}", "acceleration")
        assert caught.value.time_s == pytest.approx(0.02)


@given(joint=st.integers(1, 7), factor=st.floats(0.2, 2.0))
def test_velocity_is_refused_exactly_above_its_limit(joint, factor):
    """Accelerating gently to a constant speed, only the speed can be at fault."""
    speed = PANDA_LIMITS.velocity[joint - 1] * factor
    ramp = np.minimum(np.arange(1, 61) / 40, 1.0) * speed / RATE_HZ
    start = (LOW + HIGH) / 2
    path = np.tile(start, (60, 1))
    path[:, joint - 1] += np.cumsum(ramp) - np.sum(ramp) / 2
    start[joint - 1] = path[0, joint - 1] - ramp[0]
    if not (LOW[joint - 1] < path[:, joint - 1].min() and path[:, joint - 1].max() < HIGH[joint - 1]):
        return
    if factor < 1 - 1e-9:
        check_trajectory(start, path, RATE_HZ)
    elif factor > 1 + 1e-9:
        with pytest.raises(TrajectoryRefused) as caught:
            check_trajectory(start, path, RATE_HZ)
        assert (caught.value.part, caught.value.quantity) == (f"joint {joint}", "velocity")


def test_jerk_is_checked():
    path = _standing()
    path[10:, 6] += 0.006  # 15 rad/s^2 is allowed
    check_trajectory(HOME, path, RATE_HZ)
    tight = replace(PANDA_LIMITS, jerk=(100.0,) * 7)
    with pytest.raises(TrajectoryRefused, match=r"joint 7 .* jerk"):
        check_trajectory(HOME, path, RATE_HZ, tight)


def test_at_50_hz_the_limits_of_acceleration_keep_those_of_jerk():
    """Between two steps acceleration changes by at most twice its limit."""
    assert (2 * np.array(PANDA_LIMITS.acceleration) * RATE_HZ < np.array(PANDA_LIMITS.jerk)).all()


@given(joint=st.integers(1, 7), short_of_limit_rad=st.floats(1e-6, 0.3))
def test_what_cannot_brake_before_the_end_of_the_range_is_refused(joint, short_of_limit_rad):
    """It accelerates and ends at full acceleration; from there the joint brakes at the same."""
    acceleration = 0.99 * PANDA_LIMITS.acceleration[joint - 1]
    steps = 6
    run = acceleration * steps * (steps + 1) / 2 / RATE_HZ**2
    start = (LOW + HIGH) / 2
    start[joint - 1] = HIGH[joint - 1] - short_of_limit_rad - run
    path = start + (_ramp(steps, np.eye(7)[joint - 1] * acceleration) - HOME)
    braking = acceleration * steps * (steps - 1) / 2 / RATE_HZ**2
    if short_of_limit_rad < 0.98 * braking:
        with pytest.raises(TrajectoryRefused) as caught:
            check_trajectory(start, path, RATE_HZ)
        assert (caught.value.part, caught.value.quantity) == (f"joint {joint}", "position")
        assert caught.value.time_s > steps / RATE_HZ
    elif short_of_limit_rad > braking:
        check_trajectory(start, path, RATE_HZ)


@pytest.mark.parametrize(
    "values",
    [
        [["0.1"] * 7],
        np.zeros((3, 7), dtype=complex),
        np.zeros((3, 7), dtype=bool),
        np.full((3, 7), None),
        [[0.0] * 7, [0.0] * 6],
    ],
    ids=["text", "complex", "truth", "objects", "ragged"],
)
def test_what_is_no_array_of_real_numbers_is_refused(values):
    with pytest.raises(NotNumbers, match="hand over an array of real numbers"):
        check_trajectory(HOME, values, RATE_HZ)


@pytest.mark.parametrize("rate_hz", [0.0, -50.0, np.nan, np.inf])
def test_a_rate_that_hides_every_violation_is_refused(rate_hz):
    with pytest.raises(InvalidSetting, match="rate_hz"):
        check_trajectory(HOME, _standing() + 0.5, rate_hz)


def test_what_was_checked_cannot_be_changed_afterwards():
    path = _standing()
    checked = check_trajectory(HOME, path, RATE_HZ)
    path += 1.0
    np.testing.assert_array_equal(checked, _standing())
