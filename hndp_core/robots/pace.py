"""The even pace at which commands are sent to an arm that cannot wait."""

import time
from typing import Final

_PUNCTUAL_S: Final = 0.002


class Pace:
    """Periods of one length, counted from its creation.

    A step that comes late moves all that follow: catching up would send two commands in one period, which
    an arm takes as a jump.

    Args:
        rate_hz: steps a second.
    """

    def __init__(self, rate_hz: float) -> None:
        self._period_s = 1 / rate_hz
        self._due_s = time.monotonic()

    def wait(self) -> None:
        """Wait for the end of the present period."""
        self._due_s += self._period_s
        now_s = time.monotonic()
        if now_s > self._due_s + _PUNCTUAL_S:
            self._due_s = now_s
        else:
            time.sleep(max(0.0, self._due_s - now_s))
