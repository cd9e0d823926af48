import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hndp_core.errors import TrajectoryRefused
from hndp_core.robots.limits import PANDA_LIMITS
from hndp_core.robots.safety import check_trajectory
from hndp_core.robots.time_scaling import GREATEST_SLOW_DOWN, least_slow_down, slow_to_fit
from hndp_core.tasks.panda.arm_body import PandaBody

HOME = np.array([0.0, -np.pi / 4, 0.0, -3 * np.pi / 4, 0.0, np.pi / 2, np.pi / 4])
RATE_HZ = 50.0


def swing(amplitude_rad: float, turns: float, joint: int) -> np.ndarray:
    """A joint swings about home: (100, 7)."""
    path = np.tile(HOME, (100, 1))
    path[:, joint] += amplitude_rad * np.sin(2 * np.pi * turns * np.arange(1, 101) / 100)
    return path


@settings(deadline=None)
@given(st.floats(0.0, 0.6), st.floats(0.2, 12.0), st.integers(0, 6))
def test_the_factor_is_enough_and_the_least(amplitude_rad: float, turns: float, joint: int):
    path = swing(amplitude_rad, turns, joint)
    factor = least_slow_down(HOME, path, RATE_HZ)
    assert factor >= 1
    check_trajectory(HOME, path, RATE_HZ / (factor * (1 + 1e-9)))
    if factor > 1:
        with pytest.raises(TrajectoryRefused):
            check_trajectory(HOME, path, RATE_HZ / (factor * 0.999))


@settings(deadline=None)
@given(st.floats(0.1, 10.0))
def test_a_trajectory_meant_for_another_rate_scales_with_it(ratio: float):
    path = swing(0.5, 10.0, 0)
    here, there = least_slow_down(HOME, path, RATE_HZ), least_slow_down(HOME, path, ratio * RATE_HZ)
    assert there == pytest.approx(max(1.0, ratio * here))


def test_a_jump_at_the_start_counts_as_motion():
    path = np.tile(HOME, (5, 1))
    path[:, 0] += 0.1  # in one step of 20 ms: 5 rad/s, from rest: 250 rad/s^2
    assert least_slow_down(HOME, path, RATE_HZ) == pytest.approx(np.sqrt(250 / 15))


def test_no_slow_down_heals_a_position_out_of_range():
    path = swing(0.2, 1.0, 3)
    path[50, 3] = PANDA_LIMITS.position_max[3] + 0.01
    assert least_slow_down(HOME, path, RATE_HZ) == np.inf


@settings(deadline=None)
@given(st.floats(0.0, 0.6), st.floats(0.2, 12.0), st.integers(0, 6))
def test_a_slowed_trajectory_keeps_limits_and_path(amplitude_rad: float, turns: float, joint: int):
    path = swing(amplitude_rad, turns, joint)
    least = least_slow_down(HOME, path, RATE_HZ)
    try:
        paced = slow_to_fit(HOME, path, RATE_HZ)
    except TrajectoryRefused:
        # From rest a first step of d in one period h takes 6 d / h^2 rather than the d / h^2 of its rows.
        assert least * np.sqrt(6) > 0.98 * GREATEST_SLOW_DOWN
        return
    check_trajectory(HOME, paced.commands, RATE_HZ)
    assert len(paced.commands) == pytest.approx(len(path) * paced.slow_down)
    assert paced.slow_down >= 0.99 * least
    np.testing.assert_allclose(paced.commands[-1], path[-1], atol=1e-12)
    low, high = path.min(axis=0), path.max(axis=0)
    width = 0.2 * (high - low) + 1e-9
    assert ((paced.commands >= np.minimum(low, HOME) - width) & (paced.commands <= high + width)).all()


def test_a_trajectory_that_fits_keeps_its_bits():
    path = swing(0.02, 1.0, 2)
    paced = slow_to_fit(HOME, path, RATE_HZ)
    assert paced.slow_down == 1
    np.testing.assert_array_equal(paced.commands, path)


@pytest.mark.parametrize("turns", [1.0, 40.0])
def test_what_no_slow_down_heals_is_refused_at_its_first_bad_moment(turns: float):
    path = swing(0.2, turns, 3)
    if turns == 1.0:
        path[50:, 3] = PANDA_LIMITS.position_max[3] + 0.01
    with pytest.raises(TrajectoryRefused) as refused, np.errstate(all="raise"):
        slow_to_fit(HOME, path, RATE_HZ)
    with pytest.raises(TrajectoryRefused) as checked:
        check_trajectory(HOME, path, RATE_HZ)
    assert str(refused.value) == str(checked.value)


def test_no_slow_down_heals_a_way_into_the_table():
    down = HOME.copy()
    down[1] = 1.3
    share = np.arange(1, 41)[:, None] / 40
    hasty = HOME + share**3 * (10 - 15 * share + 6 * share**2) * (down - HOME)
    assert slow_to_fit(HOME, hasty, RATE_HZ).slow_down > 1
    with pytest.raises(TrajectoryRefused, match=r"(link \d|hand) .* height"):
        slow_to_fit(HOME, hasty, RATE_HZ, body=PandaBody())


def test_what_only_just_breaks_a_limit_is_healed():
    """The rows use the whole limit: what rounding may take is missing."""
    path = np.tile(HOME, (3, 1))
    path[:, 0] += PANDA_LIMITS.acceleration[0] / RATE_HZ**2
    assert slow_to_fit(HOME, path / 2 + HOME / 2, RATE_HZ).slow_down == 1
    assert least_slow_down(HOME, path, RATE_HZ) > 1


def test_what_cannot_brake_in_time_is_slowed_until_it_can():
    """Joint 6 speeds up towards its limit, and ends 0.02 rad before it."""
    steps = np.arange(1, 31)[:, None]
    way_rad = 0.9 * PANDA_LIMITS.acceleration[5] * steps * (steps + 1) / 2 / RATE_HZ**2
    way_rad = way_rad[way_rad[:, 0] < 0.15]
    start = HOME.copy()
    start[5] = PANDA_LIMITS.position_max[5] - 0.02 - way_rad[-1, 0]
    path = start + way_rad * np.eye(7)[5]
    with pytest.raises(TrajectoryRefused, match=r"joint 6 at .* has position") as refused:
        check_trajectory(start, path, RATE_HZ)
    assert refused.value.too_fast
    paced = slow_to_fit(start, path, RATE_HZ)
    assert 1 < paced.slow_down < GREATEST_SLOW_DOWN
    check_trajectory(start, paced.commands, RATE_HZ)
