"""Time that stands still while the arm rests: who guides by pointer and keys stops to think."""

from typing import Final

import numpy as np
from jaxtyping import Float64

from hndp_core.errors import InvalidSetting

REST_SPEED_RAD_S: Final = 0.005
"""A joint that is slower than this rests."""

REST_S: Final = 0.2
"""A rest that is shorter belongs to the motion."""


class MotionClock:
    """Says which commands belong to a recording, and when.

    A demonstration takes one rollout, so each second of thinking would make all of the motion faster. The
    path loses nothing: the arm rests where the clock stops and where it goes on.
    """

    def __init__(self, start: Float64[np.ndarray, " dof"], rate_hz: float) -> None:
        """Begin at rest at `start` [rad].

        Raises:
            InvalidSetting: a rate that is not above 0.
        """
        if not rate_hz > 0:
            raise InvalidSetting("rate_hz", rate_hz, "use a number above 0")
        self._rate_hz = rate_hz
        self._last = np.array(start)
        self._still_s = REST_S
        self.time_s = 0.0
        """Time of the last command that counted."""

    @property
    def stands(self) -> bool:
        """Whether the arm rests, and the recording waits."""
        return self._still_s >= REST_S

    def counts(self, command: Float64[np.ndarray, " dof"]) -> bool:
        """Take the next command [rad]; return whether it belongs to the motion, at `time_s`."""
        speed = float(np.abs(command - self._last).max()) * self._rate_hz
        self._last = np.array(command)
        self._still_s = 0.0 if speed > REST_SPEED_RAD_S else self._still_s + 1 / self._rate_hz
        if self.stands:
            return False
        self.time_s += 1 / self._rate_hz
        return True
