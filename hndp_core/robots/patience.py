"""Asking something that may never answer."""

import threading
from collections.abc import Callable
from typing import TypeVar

Answer = TypeVar("Answer")


class NoAnswer(Exception):
    """An answer that did not come in time."""

    def __init__(self, timeout_s: float) -> None:
        super().__init__(f"it has not answered for {timeout_s:g} s")


def answer_within(timeout_s: float, ask: Callable[[], Answer]) -> Answer:
    """Return what `ask` returns, and raise what it raises.

    Remote calls without a time limit of their own hang for ever when a cable is pulled. Such a call is left
    behind in a thread of its own, which does not keep the process from ending.

    Raises:
        NoAnswer: no answer in time.
    """
    answers: list[Answer] = []
    errors: list[BaseException] = []

    def run() -> None:
        try:
            answers.append(ask())
        except BaseException as error:
            errors.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(timeout_s)
    if errors:
        raise errors[0]
    if not answers:
        raise NoAnswer(timeout_s)
    return answers[0]
