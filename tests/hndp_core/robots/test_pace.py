import pytest

from hndp_core.robots import pace
from hndp_core.robots.pace import Pace


@pytest.fixture
def clock(monkeypatch):
    """A clock that only sleeping and `clock.pass_` move."""

    class Clock:
        now_s = 100.0

        def monotonic(self) -> float:
            return self.now_s

        def sleep(self, seconds: float) -> None:
            self.now_s += seconds

        pass_ = sleep

    clock = Clock()
    monkeypatch.setattr(pace, "time", clock)
    return clock


def test_periods_do_not_drift(clock):
    rhythm = Pace(50.0)
    for step in range(1, 100):
        clock.pass_(0.001 * (step % 7))
        rhythm.wait()
        assert clock.now_s == pytest.approx(100.0 + step / 50)


def test_a_late_step_moves_the_others_rather_than_crowding_them(clock):
    rhythm = Pace(50.0)
    rhythm.wait()
    clock.pass_(0.075)
    rhythm.wait()
    assert clock.now_s == pytest.approx(100.095)
    rhythm.wait()
    assert clock.now_s == pytest.approx(100.115)
