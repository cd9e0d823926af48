"""Who lets the arm move, who stops it, and what leads home again."""

import itertools
import threading

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


def test_whoever_stops_calls_the_robot_at_once(free):
    halted: list[None] = []
    free.when_halted = lambda: halted.append(None)
    free.stop("Ben", 2, "press")
    assert halted == [None]
