"""Asking something that may never answer.

Remote calls without a time limit of their own hang for ever when a cable is pulled. Such a call is left
behind in its thread, which does not keep the process from ending.
"""

import threading
import time
from collections.abc import Callable
from typing import Final, Generic, TypeVar

Answer = TypeVar("Answer")

_LOOK_EVERY_S: Final = 0.02


class NoAnswer(Exception):
    """An answer that did not come in time."""

    def __init__(self, timeout_s: float) -> None:
        super().__init__(f"it has not answered for {timeout_s:g} s")


class GivenUp(Exception):
    """Work that nobody waits for any more."""

    def __init__(self) -> None:
        super().__init__("nobody waits for this answer any more")


class WatchedThread(threading.Thread, Generic[Answer]):
    """Work that asks many questions in a row, watched by who waits for it.

    A question costs no change of threads, so that a control loop keeps its pace on a busy machine. Once it
    was given up, the work is refused every further question: an answer that comes too late revives nothing.
    """

    def __init__(self, work: Callable[[], Answer]) -> None:
        """Take the work; it begins with `outcome`."""
        super().__init__(daemon=True)
        self._work = work
        self._results: list[Answer] = []
        self._error: BaseException | None = None
        self._timeout_s = 0.0
        self._due_s: float | None = None
        self._given_up = False

    def run(self) -> None:
        """Do the work."""
        try:
            self._results.append(self._work())
        except BaseException as error:
            self._error = error

    def ask(self, timeout_s: float, ask: Callable[[], Answer]) -> Answer:
        """Return what `ask` returns, from within the work.

        Raises:
            GivenUp: the work has been given up, before or while this was asked.
        """
        if self._given_up:
            raise GivenUp
        self._timeout_s, self._due_s = timeout_s, time.monotonic() + timeout_s
        try:
            return ask()
        finally:
            self._due_s = None
            if self._given_up:
                raise GivenUp

    def outcome(self) -> Answer:
        """Do the work in this thread and wait; return what it returns, and raise what it raises.

        Raises:
            NoAnswer: one of its questions was not answered in time; the work is given up.
        """
        self.start()
        while self.is_alive():
            self.join(_LOOK_EVERY_S)
            due_s = self._due_s
            if due_s is not None and time.monotonic() > due_s and self.is_alive():
                self._given_up = True
                raise NoAnswer(self._timeout_s)
        if self._error is not None:
            raise self._error
        return self._results[0]


def answer_within(timeout_s: float, ask: Callable[[], Answer]) -> Answer:
    """Return what `ask` returns, and raise what it raises.

    Raises:
        NoAnswer: no answer in time.
    """
    asker = threading.current_thread()
    if isinstance(asker, WatchedThread):
        return asker.ask(timeout_s, ask)
    thread = WatchedThread(lambda: answer_within(timeout_s, ask))
    return thread.outcome()
