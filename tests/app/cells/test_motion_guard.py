"""When the arm may move, who is asked, and what comes of a stop."""

import itertools
import threading
import time

import pytest

from app.cells.lease import LOST_AFTER_S, ArmTaken, Lease, Operator, SilentPage, StaleLease
from app.cells.motion_guard import Disturbed, MotionGuard
from tests.app.cells.conftest import make_guard
from tests.app.cells.test_lease import ADA, BEN, Clock


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def told() -> list[str]:
    return []


@pytest.fixture
def guard(clock: Clock, told: list[str]) -> MotionGuard:
    """Of an attended cell."""
    return make_guard(
        attended=True, lease=Lease(0, clock), clock=clock, report=lambda kind, *_: told.append(kind)
    )


@pytest.fixture
def free(clock: Clock) -> MotionGuard:
    """Of a cell that nobody need attend."""
    return make_guard(lease=Lease(0, clock), clock=clock)


def motion(guard: MotionGuard) -> str:
    return guard.motion_and_reason[0]


def test_an_attended_arm_moves_only_while_somebody_holds_it(guard):
    assert guard.forbids()
    assert motion(guard) == "unattended"
    grant = guard.take(ADA)
    assert not guard.forbids()
    guard.release(grant.token, ADA.user_id)
    assert guard.forbids()


def test_an_unattended_arm_moves_whether_or_not_its_holder_is_heard(free, clock):
    assert not free.forbids()
    free.take(ADA)
    clock.now_s += 60
    assert not free.forbids()


def test_a_page_that_falls_silent_makes_the_arm_hold_until_a_press(guard, clock, told):
    token = guard.take(ADA).token
    clock.now_s += LOST_AFTER_S - 0.01
    assert not guard.forbids()
    clock.now_s += 0.02
    assert guard.forbids()
    assert "Nobody's page answers: Ada's" in guard.motion_and_reason[1]
    guard.heartbeat(token, ADA.user_id)
    assert guard.forbids(), "the page came back by itself, nobody pressed"
    guard.go_on(token, ADA.user_id)
    assert not guard.forbids()
    assert told == ["taken", "lost", "hold", "go_on"]


def test_silence_between_two_looks_is_noticed_by_the_next_sign_of_life(guard, clock):
    token = guard.take(ADA).token
    clock.now_s += 30
    guard.heartbeat(token, ADA.user_id)
    assert motion(guard) == "held"


def test_who_takes_the_arm_of_a_silent_page_lets_motion_go_on(guard, clock):
    old = guard.take(ADA).token
    clock.now_s += 5
    guard.take(BEN)
    assert not guard.forbids()
    with pytest.raises(StaleLease, match="Ben"):
        guard.heartbeat(old, ADA.user_id)


def test_a_takeover_leaves_the_motion_under_way_alone(guard, told):
    old = guard.take(ADA).token
    with guard.undisturbed():
        guard.take_over(BEN, old)
        assert not guard.forbids()
    for act in (guard.heartbeat, guard.go_on, guard.release, guard.begin_recovery):
        with pytest.raises(StaleLease, match="Ben"):
            act(old, ADA.user_id)
    assert told == ["taken", "taken_over"]


def test_of_two_who_take_the_arm_at_the_same_moment_one_gets_it():
    both = threading.Barrier(2)
    numbers = itertools.count(1)

    def issue() -> int:
        both.wait(5)  # each has seen the arm free by now
        return next(numbers)

    guard = make_guard(attended=True, issue_token=issue)
    refused: list[str] = []

    def take(operator: Operator) -> None:
        try:
            guard.take(operator)
        except (ArmTaken, StaleLease) as error:
            refused.append(error.message)

    threads = [threading.Thread(target=take, args=(each,)) for each in (ADA, BEN)]
    for each in threads:
        each.start()
    for each in threads:
        each.join(5)
    lease = guard.state()["lease"]
    assert lease is not None
    (message,) = refused
    assert f"{lease['holder']} holds the arm" in message


def test_a_stop_lasts_until_the_arm_is_home_again(free, told):
    free.stop("Ben", 2, "press")
    assert free.forbids()
    assert "Ben stopped motion" in free.motion_and_reason[1]
    free.take(ADA)
    assert free.forbids(), "to take the arm is no recovery"
    free.begin_recovery(1, ADA.user_id)
    assert not free.forbids()
    assert motion(free) == "recovering"
    free.end_recovery(home=True)
    assert motion(free) == "ready"


def test_a_stop_on_the_way_home_is_a_stop(free):
    free.stop("Ben", 2, "one")
    free.begin_recovery(None, 2)
    free.stop("Ada", 1, "two")
    assert free.forbids()
    free.end_recovery(home=False)
    assert motion(free) == "stopped"


def test_the_same_press_that_comes_late_stops_nothing_new(free):
    free.stop("Ben", 2, "press")
    free.begin_recovery(None, 2)
    free.end_recovery(home=True)
    free.stop("Ben", 2, "press")
    assert motion(free) == "ready"


def test_only_who_holds_the_arm_sends_it_home(guard, clock):
    guard.stop("Ben", 2, "press")
    with pytest.raises(StaleLease):
        guard.begin_recovery(None, 2)
    token = guard.take(ADA).token
    guard.begin_recovery(token, ADA.user_id)
    clock.now_s += LOST_AFTER_S + 0.01
    assert guard.forbids(), "the operator went away while the arm was on its way"
    assert motion(guard) == "stopped"


def test_an_attended_arm_goes_home_for_nobody_whose_page_is_silent(guard, clock):
    token = guard.take(ADA).token
    guard.stop("Ben", 2, "press")
    clock.now_s += LOST_AFTER_S + 0.01
    for _ in range(2):
        with pytest.raises(SilentPage, match="nothing was done"):
            guard.begin_recovery(token, ADA.user_id)
        assert guard.forbids()
    guard.heartbeat(token, ADA.user_id)
    guard.begin_recovery(token, ADA.user_id)
    assert not guard.forbids()


def test_there_is_nothing_to_recover_without_a_stop(free):
    with pytest.raises(Disturbed, match="not stopped"):
        free.begin_recovery(None, 1)


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


def test_whoever_stops_calls_the_robot_at_once(free):
    halted: list[None] = []
    free.when_halted = lambda: halted.append(None)
    free.stop("Ben", 2, "press")
    assert halted == [None]


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
    assert motion(guard) == "blind"
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
    assert motion(guard) == "stopped"
    assert "Look at the arm. Then recover: the arm is connected anew" in guard.motion_and_reason[1]
    guard.begin_recovery(None, ADA.user_id)
    guard.lose("The arm cannot be commanded: still not. Look at the arm.")
    guard.end_recovery(home=False)
    assert motion(guard) == "stopped"
    assert "still not" in guard.motion_and_reason[1]
    guard.begin_recovery(None, ADA.user_id)
    guard.end_recovery(home=True)
    assert guard.motion_and_reason == ("ready", "")
    kinds = [each.split()[0] for each in told_of]
    assert kinds == ["stop", "recover", "stop", "recover", "recovered"]
