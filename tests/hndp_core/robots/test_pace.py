import os
import threading

import numpy as np
import pytest

from hndp_core.robots.pace import Pace, high_priority, period_errors_ms


class Clock:
    """Time that passes only by being looked at, slept or spent."""

    def __init__(self, oversleeps_s: float = 0.0) -> None:
        self.now_s = 100.0
        self.oversleeps_s = oversleeps_s

    def __call__(self) -> float:
        self.now_s += 1e-6
        return self.now_s

    def sleep(self, seconds: float) -> None:
        assert seconds > 0
        self.now_s += seconds + self.oversleeps_s


def _ends(clock: Clock, work_s: list[float]) -> np.ndarray:
    """When each period ended whose step took so long [s]."""
    pace = Pace(50.0, clock, clock.sleep)
    ends = []
    for seconds in work_s:
        clock.now_s += seconds
        pace.wait()
        ends.append(pace.passed_s())
    return np.array(ends)


def test_periods_end_on_time_whatever_a_step_takes():
    ends = _ends(Clock(), [0.001, 0.019, 0.0, 0.0195, 0.012])
    np.testing.assert_allclose(ends, 0.02 * np.arange(1, 6), atol=1e-5)


def test_sleeps_that_end_late_cost_nothing():
    ends = _ends(Clock(oversleeps_s=0.0009), [0.001] * 50)
    np.testing.assert_allclose(ends, 0.02 * np.arange(1, 51), atol=1e-5)


def test_a_little_late_is_made_up_for():
    ends = _ends(Clock(), [0.001, 0.0207, 0.001, 0.001])
    np.testing.assert_allclose(ends, [0.02, 0.0407, 0.06, 0.08], atol=1e-5)


@pytest.mark.parametrize("late_s", [0.002, 0.05, 3.0])
def test_commands_are_never_sent_in_a_burst(late_s: float):
    ends = _ends(Clock(), [0.001, 0.02 + late_s, 0.001, 0.001, 0.001])
    assert (np.diff(ends, prepend=0.0) >= 0.019 - 1e-5).all()
    assert ends[-1] == pytest.approx(0.1 + late_s, abs=0.0011)


def test_period_errors_count_in_both_directions():
    sent_s = np.array([0.001, 0.022, 0.041, 0.066])
    np.testing.assert_allclose(period_errors_ms(sent_s, 50.0), [1.0, 1.0, 5.0])


def test_priority_is_as_before_afterwards_and_not_inherited():
    def present() -> tuple[int, int]:
        return os.sched_getscheduler(0), os.getpriority(os.PRIO_PROCESS, threading.get_native_id())

    before, inherited = present(), []
    with high_priority():
        raised = present()
        other = threading.Thread(target=lambda: inherited.append(os.sched_getscheduler(0)))
        other.start()
        other.join()
    assert present() == before
    assert raised[0] != before[0] or raised[1] <= before[1]
    assert inherited == [os.SCHED_OTHER]


def test_without_the_right_to_it_priority_stays(monkeypatch):
    def refuse(*_: object) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "sched_setscheduler", refuse)
    monkeypatch.setattr(os, "setpriority", refuse)
    with high_priority():
        assert os.sched_getscheduler(0) == os.SCHED_OTHER
