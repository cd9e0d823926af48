"""When the arm must hold, what of its motion counts, and what comes of a lost arm or picture."""

import threading
import time

import pytest

from app.cells.interlock import Disturbed
from app.cells.lease import Lease
from app.cells.motion_guard import MotionGuard
from tests.app.cells.conftest import make_guard
from tests.app.cells.test_lease import ADA, Clock


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def guard(clock: Clock) -> MotionGuard:
    """Of an attended cell."""
    return make_guard(attended=True, lease=Lease(0, clock), clock=clock)


@pytest.fixture
def free(clock: Clock) -> MotionGuard:
    """Of a cell that nobody need attend."""
    return make_guard(lease=Lease(0, clock), clock=clock)


def test_a_stop_before_a_restart_is_in_force_after_it():
    guard = make_guard(stopped_by="Ada")
    assert guard.forbids()
    assert guard.motion_and_reason[1].startswith("Ada stopped motion")


@pytest.mark.parametrize("act", ["stop", "silence"])
def test_a_disturbed_motion_is_void_however_quickly_it_may_go_on(guard, clock, act):
    token = guard.take(ADA).token

    def move() -> None:
        with guard.undisturbed():
            if act == "stop":
                guard.stop("Ben", 2, "press")
                guard.begin_recovery(token, ADA.user_id)
                guard.end_recovery(home=True)
            else:
                clock.now_s += 2
                guard.go_on(token, ADA.user_id)
            assert guard.forbids(), "the motion must end, not go on from somewhere"

    with pytest.raises(Disturbed):
        move()
    assert not guard.forbids()


def test_no_motion_begins_where_it_may_not(guard):
    with pytest.raises(Disturbed, match="Nobody holds the arm"), guard.undisturbed():
        pytest.fail("it began")


def test_a_job_waits_until_somebody_takes_the_arm():
    guard = make_guard(attended=True)
    allowed: list[bool] = []
    job = threading.Thread(
        target=lambda: allowed.append(guard.wait_until_allowed("gate trial in T1", lambda: False))
    )
    job.start()
    while guard.state()["waiting"] is None:
        time.sleep(0.005)
    assert "gate trial in T1 starts as soon as somebody takes the arm" in guard.motion_and_reason[1]
    guard.take(ADA)
    job.join(5)
    assert allowed == [True]
    assert guard.state()["waiting"] is None


def test_a_wait_is_given_up_when_it_is_not_wanted_any_more():
    assert not make_guard(attended=True).wait_until_allowed("trial", lambda: True)


def test_the_clock_of_the_wall_changes_nothing(monkeypatch):
    guard = make_guard(attended=True)
    guard.take(ADA)
    for jump_s in (-86_400.0, 86_400.0):
        jumped = time.time() + jump_s
        monkeypatch.setattr(time, "time", lambda jumped=jumped: jumped)
        assert not guard.forbids()


def test_the_first_control_step_that_holds_is_timed(free, clock):
    assert not free.forbids()
    assert free.state()["moving"]
    free.stop("Ben", 2, "press")
    assert free.state()["held_at_s"] is None
    clock.now_s += 0.02
    assert free.forbids()
    clock.now_s += 0.02
    assert free.forbids()
    state = free.state()
    assert state["held_at_s"] == pytest.approx(100.02)
    assert not state["moving"]


def test_without_a_picture_nothing_moves_and_motion_goes_on_by_itself():
    told_of: list[tuple[str, str]] = []
    guard = make_guard(report=lambda kind, _, detail: told_of.append((kind, detail)))
    halted: list[str] = []
    guard.when_halted = lambda: halted.append("halted")

    def lose_the_picture() -> None:
        with guard.undisturbed():
            assert not guard.forbids()
            guard.go_blind("The camera is lost: it was unplugged. Plug it in.")
            assert guard.forbids()

    with pytest.raises(Disturbed, match="unplugged"):
        lose_the_picture()
    guard.go_blind("The camera is lost: it cannot be opened. Plug it in.")
    assert guard.motion_and_reason[0] == "blind"
    assert "cannot be opened" in guard.motion_and_reason[1], "the newest reason"
    assert "is done again once there is a picture" in guard.motion_and_reason[1]
    waited = threading.Thread(target=guard.wait_until_allowed, args=("the trial", lambda: False, 30.0))
    waited.start()
    guard.see_again()
    guard.see_again()
    waited.join(10)
    assert not waited.is_alive()
    assert not guard.forbids()
    assert [kind for kind, _ in told_of] == ["hold", "go_on"]
    assert halted


def test_what_was_under_way_is_void_although_the_picture_is_back(free):
    def lose_and_find_the_picture() -> None:
        with free.undisturbed():
            free.go_blind("The camera is lost.")
            free.see_again()
            assert free.forbids()

    with pytest.raises(Disturbed):
        lose_and_find_the_picture()
    assert not free.forbids()


def test_a_lost_arm_is_stopped_until_a_recovery():
    told_of: list[str] = []
    guard = make_guard(report=lambda kind, _, detail: told_of.append(f"{kind} {detail}".strip()))

    def lose_the_arm() -> None:
        with guard.undisturbed():
            guard.lose("The arm cannot be commanded: user stop. Look at the arm.")

    with pytest.raises(Disturbed, match="cannot be commanded"):
        lose_the_arm()
    guard.lose("The arm cannot be commanded: user stop. Look at the arm.")
    assert guard.motion_and_reason[0] == "stopped"
    assert "Look at the arm. Then recover: the arm is connected anew" in guard.motion_and_reason[1]
    guard.begin_recovery(None, ADA.user_id)
    guard.lose("The arm cannot be commanded: still not. Look at the arm.")
    guard.end_recovery(home=False)
    assert guard.motion_and_reason[0] == "stopped"
    assert "still not" in guard.motion_and_reason[1]
    guard.begin_recovery(None, ADA.user_id)
    guard.end_recovery(home=True)
    assert guard.motion_and_reason == ("ready", "")
    kinds = [each.split()[0] for each in told_of]
    assert kinds == ["stop", "recover", "stop", "recover", "recovered"]
