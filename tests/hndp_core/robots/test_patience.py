import threading

import pytest

from hndp_core.robots.patience import GivenUp, NoAnswer, WatchedThread, answer_within


def test_an_answer_is_returned():
    assert answer_within(30.0, lambda: "here") == "here"
    assert answer_within(30.0, lambda: None) is None


def test_an_error_is_raised():
    def fail() -> None:
        raise LookupError("nobody")

    with pytest.raises(LookupError, match="nobody"):
        answer_within(30.0, fail)


def test_what_never_answers_is_left_behind():
    released = threading.Event()
    with pytest.raises(NoAnswer, match=r"0\.05 s"):
        answer_within(0.05, released.wait)
    released.set()


def test_work_may_take_long_as_long_as_its_questions_are_answered():
    def work() -> str:
        threading.Event().wait(0.6)
        return answer_within(0.5, lambda: "asked in the same thread: ") + str(
            isinstance(threading.current_thread(), WatchedThread)
        )

    assert WatchedThread(work).outcome() == "asked in the same thread: True"


def test_work_that_fails_raises():
    with pytest.raises(ZeroDivisionError):
        WatchedThread(lambda: 1 // 0).outcome()


def test_work_that_was_given_up_may_ask_nothing_more():
    released, over = threading.Event(), threading.Event()
    asked: list[str] = []
    refusals: list[GivenUp] = []

    def work() -> None:
        for ask in (released.wait, lambda: asked.append("again")):
            try:
                answer_within(0.05, ask)
            except GivenUp as refusal:
                refusals.append(refusal)
        over.set()

    with pytest.raises(NoAnswer):
        WatchedThread(work).outcome()
    released.set()
    assert over.wait(30.0)
    assert asked == []
    assert len(refusals) == 2
