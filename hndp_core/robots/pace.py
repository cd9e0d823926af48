"""The even pace at which commands are sent to an arm, and how even it was."""

import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

import numpy as np
from jaxtyping import Float64

_SPIN_S: Final = 0.001
"""So long before the end of a period the clock is asked instead of sleeping: sleeps end late."""

_GREATEST_CATCH_UP_S: Final = 0.001
"""By so much a period may be shorter than it should, to make up for the one before."""

_PRIORITY: Final = 10
_NICENESS: Final = -15


class Pace:
    """Periods of one length, counted from its creation.

    A step that is late by no more than a millisecond is made up for by the next one. One that is later moves
    all that follow: catching up would send two commands in one period, which an arm takes as a jump, and
    which would drive it faster than its trajectory was checked for.

    Args:
        rate_hz: steps a second.
        clock: seconds of a clock that only goes forward.
        sleep: waits for so many seconds, or somewhat longer.
    """

    def __init__(
        self,
        rate_hz: float,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._period_s, self._clock, self._sleep = 1 / rate_hz, clock, sleep
        self._began_s = self._due_s = clock()

    def passed_s(self) -> float:
        """Return how long ago the first period began [s]."""
        return self._clock() - self._began_s

    def wait(self) -> None:
        """Wait for the end of the present period."""
        self._due_s += self._period_s
        early_s = self._due_s - self._clock()
        if early_s > _SPIN_S:
            self._sleep(early_s - _SPIN_S)
        now_s = self._clock()
        while now_s < self._due_s:
            now_s = self._clock()
        self._due_s = max(self._due_s, now_s - _GREATEST_CATCH_UP_S)


def period_errors_ms(sent_s: Float64[np.ndarray, " made"], rate_hz: float) -> Float64[np.ndarray, " periods"]:
    """Return by how much the time from each command to the next differs from 1 / `rate_hz` [ms].

    Args:
        sent_s: when each command was sent.
        rate_hz: commands a second.
    """
    return np.abs(np.diff(sent_s) - 1 / rate_hz) * 1e3


@contextmanager
def high_priority() -> Iterator[None]:
    """Let the calling thread go before all others of the machine, as far as the system allows it.

    With the right to (CAP_SYS_NICE, or a limit for rtprio in /etc/security/limits.conf) it gets real-time
    scheduling, else a low niceness; without any right nothing changes. Threads that it starts do not
    inherit it.
    """
    thread = threading.get_native_id()
    usual = os.getpriority(os.PRIO_PROCESS, thread)
    try:
        os.sched_setscheduler(0, os.SCHED_FIFO | os.SCHED_RESET_ON_FORK, os.sched_param(_PRIORITY))
        restore = _schedule_as_usual
    except PermissionError:
        try:
            os.setpriority(os.PRIO_PROCESS, thread, _NICENESS)
        except PermissionError:
            yield
            return

        def restore() -> None:
            os.setpriority(os.PRIO_PROCESS, thread, usual)

    try:
        yield
    finally:
        restore()


def _schedule_as_usual() -> None:
    os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))
