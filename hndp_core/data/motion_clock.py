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
        self._rest_steps = round(REST_S * rate_hz)
        self._still_steps = self._rest_steps
        self._counted = 0

    @property
    def time_s(self) -> float:
        """Time of the last command that counted."""
        return self._counted / self._rate_hz

    @property
    def stands(self) -> bool:
        """Whether the arm rests, and the recording waits."""
        return self._still_steps >= self._rest_steps

    def counts(self, command: Float64[np.ndarray, " dof"]) -> bool:
        """Take the next command [rad]; return whether it belongs to the motion, at `time_s`."""
        speed = float(np.abs(command - self._last).max()) * self._rate_hz
        self._last = np.array(command)
        self._still_steps = 0 if speed > REST_SPEED_RAD_S else self._still_steps + 1
        self._counted += not self.stands
        return not self.stands
