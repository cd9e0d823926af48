"""The real arm is led by a hand on it: it gives way, and its joints are read meanwhile."""

import time
from typing import Any, Final

import numpy as np
from jaxtyping import Float64, UInt8

from app.demonstrations.guide_visit import GuideVisit
from app.demonstrations.leading import GREATEST_RECORDING_S, Leading
from hndp_core.data.episode_log import EpisodeLog
from hndp_core.data.episode_sampling import record_episode
from hndp_core.robots.robot import Robot
from hndp_core.tasks.camera_format import STILL_HEIGHT, STILL_WIDTH
from hndp_core.tasks.region import Region
from hndp_core.tasks.variation import SceneVariation

_SPARE_S: Final = 5.0
"""By so much the arm gives way longer than the longest recording: it must not end first."""

_LOOK_EVERY: Final = 10  # samples
_SILENT: Final = (
    "The arm holds: nothing was heard from this page for a second. What was recorded until then is kept."
)
_STOPPED: Final = "The arm holds: motion was stopped or held. What was recorded until then is kept."
_TOO_LONG: Final = f"The arm holds: a recording takes at most {GREATEST_RECORDING_S:g} s. It is kept."
_ENDED_ITSELF: Final = "The arm has ended the giving way by itself and holds. What was recorded is kept."


class HandLeading(Leading):
    """Lets the arm give way to a hand.

    Args:
        robot: that is led.
        region: where a person puts the object.
        variation: of a scene that could be varied; a person's hand varies it enough.
    """

    def __init__(self, robot: Robot, region: Region, variation: SceneVariation) -> None:
        self._robot, self._region, self._variation = robot, region, variation

    def get_ready(self) -> dict[str, Any]:
        """Bring the arm home; the scene is the person's to lay out."""
        self._robot.prepare(self._region, self._variation)
        return {"joints": _told(self._robot.joints())}

    def start_image(self) -> UInt8[np.ndarray, "height width 3"]:
        """The camera's picture as the recording begins, so that the scene can be laid out so again."""
        return self._robot.capture(STILL_WIDTH, STILL_HEIGHT)

    def follow(self, episode: EpisodeLog, visit: GuideVisit) -> str:
        """Let the arm give way and sample its joints; a silent page ends it, since a limp arm is no rest."""
        robot, reason = self._robot, ""
        samples, began_s = 0, 0.0

        def over() -> bool:
            nonlocal reason
            if visit.wants_the_end:
                return True
            if robot.interlock():
                reason = _STOPPED
            elif visit.silent:
                reason = _SILENT
            elif samples % _LOOK_EVERY == 0 and not robot.guiding:
                reason = _ENDED_ITSELF
            return bool(reason)

        def read_joints() -> Float64[np.ndarray, " dof"]:
            nonlocal samples
            joints = robot.joints()
            visit.tell("recording", joints=_told(joints), recorded_s=round(time.monotonic() - began_s, 2))
            samples += 1
            return joints

        robot.begin_guiding(GREATEST_RECORDING_S + _SPARE_S)
        began_s = time.monotonic()
        try:
            sampling = record_episode(read_joints, robot.rate_hz, episode, over, GREATEST_RECORDING_S)
        finally:
            robot.end_guiding()
        return _TOO_LONG if sampling.ran_out else reason


def _told(joints: Float64[np.ndarray, " dof"]) -> list[float]:
    return [round(float(each), 5) for each in joints]
