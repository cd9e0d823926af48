"""Periods of a control loop in real time."""

import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

import numpy as np
from jaxtyping import Float64

_SPIN_S: Final = 0.0015
"""Before a deadline the loop asks the clock instead of sleeping: a sleep ends late by up to as much."""

_GREATEST_CATCH_UP_S: Final = 0.001
"""By so much a period may be shorter than it should, to make up for the one before."""

_NICENESS: Final = -15


class Pacer:
    """Ends the periods of one motion on time, by deadlines that are set before it begins.

    A period that is late by no more than a millisecond is made up for by the next. One that is later delays
    all that follow: commands in a burst would drive the arm faster than its trajectory was checked for.

    Args:
        period_s: of one control step.
        clock: seconds of a clock that only goes forward.
        sleep: waits for so many seconds, or somewhat longer.
    """

    def __init__(
        self,
        period_s: float,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._period_s, self._clock, self._sleep = period_s, clock, sleep
        self._began_s = self._due_s = clock()

    def end_period(self) -> float:
        """Wait for the end of the present period; return when it ended, since the motion began [s]."""
        self._due_s += self._period_s
        early_s = self._due_s - self._clock()
        if early_s > _SPIN_S:
            self._sleep(early_s - _SPIN_S)
        now_s = self._clock()
        while now_s < self._due_s:
            now_s = self._clock()
        self._due_s = max(self._due_s, now_s - _GREATEST_CATCH_UP_S)
        return now_s - self._began_s


def period_error_p99_ms(time_s: Float64[np.ndarray, " made"], rate_hz: float) -> float | None:
    """Return the 99th percentile of how much periods differ from 1 / `rate_hz` [ms]; None without a period.

    Args:
        time_s: when each period ended, since the motion began.
        rate_hz: periods a second.
    """
    if len(time_s) == 0:
        return None
    periods_s = np.diff(time_s, prepend=0.0)
    return float(np.percentile(np.abs(periods_s - 1 / rate_hz), 99) * 1e3)


@contextmanager
def high_priority() -> Iterator[None]:
    """Let the calling thread go before others on a busy machine, where the system allows it."""
    thread = threading.get_native_id()
    usual = os.getpriority(os.PRIO_PROCESS, thread)
    try:
        os.setpriority(os.PRIO_PROCESS, thread, _NICENESS)
    except PermissionError:
        yield
        return
    try:
        yield
    finally:
        os.setpriority(os.PRIO_PROCESS, thread, usual)
