"""Who may move the arm: one page at a time."""

import pytest

from app.cells.lease import LOST_AFTER_S, ArmTaken, Lease, Operator, StaleLease

ADA = Operator(1, "Ada", "tablet")
BEN = Operator(2, "Ben", "laptop")


class Clock:
    """Seconds that a test lets pass."""

    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def lease(clock: Clock) -> Lease:
    return Lease(4, clock)


def test_the_arm_is_given_to_one_and_refused_to_the_next_by_name(lease):
    assert lease.give(ADA, 5).token == 5
    with pytest.raises(ArmTaken, match="Ada holds the arm"):
        lease.give(BEN, 6)
    assert lease.require(5, ADA.user_id) == ADA


def test_another_page_of_the_same_person_is_another_station(lease):
    lease.give(ADA, 5)
    with pytest.raises(ArmTaken, match="You hold the arm on another page"):
        lease.give(Operator(1, "Ada", "phone"), 6)


def test_a_silent_page_is_heard_again_until_somebody_takes_the_arm(lease, clock):
    lease.give(ADA, 5)
    clock.now_s += LOST_AFTER_S + 0.01
    assert not lease.is_alive
    lease.require(5, ADA.user_id)
    assert not lease.is_alive, "to act is no sign of life"
    lease.hear(5, ADA.user_id)
    assert lease.is_alive
    clock.now_s += LOST_AFTER_S + 0.01
    lease.give(BEN, 6)
    with pytest.raises(StaleLease, match="Ben holds the arm now"):
        lease.require(5, ADA.user_id)


def test_a_takeover_names_whom_it_takes_from(lease):
    lease.give(ADA, 5)
    lease.take_over(BEN, 5, 6)
    with pytest.raises(StaleLease, match="Ben holds the arm now"):
        lease.take_over(Operator(3, "Cy", "desk"), 5, 7)
    with pytest.raises(StaleLease):
        lease.release(5, ADA.user_id)
    assert lease.require(6, BEN.user_id) == BEN


def test_nothing_is_taken_over_from_nobody(lease):
    with pytest.raises(StaleLease, match="Nobody holds the arm"):
        lease.take_over(BEN, 0, 5)


def test_a_token_is_its_holders_alone(lease):
    lease.give(ADA, 5)
    with pytest.raises(StaleLease):
        lease.require(5, BEN.user_id)


def test_what_was_handed_back_is_free(lease):
    lease.give(ADA, 5)
    lease.release(5, ADA.user_id)
    assert not lease.is_alive
    lease.give(BEN, 6)


@pytest.mark.parametrize("token", [3, 4])
def test_tokens_only_rise_across_a_restart_too(lease, token):
    with pytest.raises(StaleLease):
        lease.give(ADA, token)
    lease.give(ADA, 5)
    lease.release(5, ADA.user_id)
    with pytest.raises(StaleLease):
        lease.give(BEN, 5)
