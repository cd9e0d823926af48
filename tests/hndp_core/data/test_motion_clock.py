"""The clock of a recording stands while the arm rests, and only then."""

import numpy as np
import pytest

from hndp_core.data.motion_clock import REST_S, MotionClock
from hndp_core.errors import InvalidSetting

RATE_HZ = 50.0
HOME = np.zeros(7)


def counted(clock: MotionClock, *turns: tuple[float, int]) -> list[float]:
    """Joint 2 turns by so much in each of so many steps; return the times of what counted."""
    command, times = HOME.copy(), []
    for turn, steps in turns:
        for _ in range(steps):
            command = command + turn * np.eye(7)[1]
            if clock.counts(command):
                times.append(clock.time_s)
    return times


def test_it_starts_with_the_first_motion() -> None:
    clock = MotionClock(HOME, RATE_HZ)
    assert counted(clock, (0.0, 100)) == []
    assert clock.stands
    np.testing.assert_allclose(counted(clock, (0.01, 3)), [0.02, 0.04, 0.06])
    assert not clock.stands


def test_a_long_rest_is_left_out_and_time_goes_on_evenly() -> None:
    times = counted(MotionClock(HOME, RATE_HZ), (0.01, 30), (0.0, 500), (-0.01, 20))
    np.testing.assert_allclose(np.diff(times), 1 / RATE_HZ)
    assert times[-1] < 50 / RATE_HZ + REST_S


def test_a_short_rest_belongs_to_the_motion() -> None:
    rest = round(REST_S * RATE_HZ) - 2
    assert len(counted(MotionClock(HOME, RATE_HZ), (0.01, 30), (0.0, rest), (0.01, 20))) == 50 + rest


def test_a_rate_that_cannot_be_used_is_refused() -> None:
    with pytest.raises(InvalidSetting, match="rate_hz"):
        MotionClock(HOME, 0.0)
