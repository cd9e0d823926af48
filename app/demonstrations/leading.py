"""A way in which a person leads the arm: what differs between a simulated arm and a real one."""

from abc import ABC, abstractmethod
from typing import Any, Final

import numpy as np
from jaxtyping import UInt8

from app.demonstrations.guide_visit import GuideVisit
from hndp_core.data.episode_log import EpisodeLog

GREATEST_RECORDING_S: Final = 180.0
"""After which a recording ends by itself, so that an arm never stays limp."""


class Leading(ABC):
    """The leading of one arm in one region."""

    @abstractmethod
    def get_ready(self) -> dict[str, Any]:
        """Bring arm and scene to where a recording begins; return what the page must know, as JSON values."""

    @abstractmethod
    def start_image(self) -> UInt8[np.ndarray, "height width 3"] | None:
        """The scene as a recording begins, RGB; None where it is laid out again for the execution."""

    @abstractmethod
    def follow(self, episode: EpisodeLog, visit: GuideVisit) -> str:
        """Let the arm be led, and record it, until the page asks for the end or is silent, or the interlock
        forbids motion; the arm then holds.

        Returns:
            Why it ended, for people; empty where they asked for it.

        Raises:
            RecordingDiskFull: no room left; what was written is kept.
            RobotLost: the arm no longer answers.
        """
