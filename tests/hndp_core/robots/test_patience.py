import threading

import pytest

from hndp_core.robots.patience import NoAnswer, answer_within


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
