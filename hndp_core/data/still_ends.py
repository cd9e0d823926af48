"""Cutting off the time before and after a motion, in which the arm stands still."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from hndp_core.data.joint_recording import JointRecording

STILL_RAD: Final = 0.002
"""A joint that stays this near to where it stood has not moved: at the end of the arm less than 2 mm, so that
what a slow end loses does no harm."""

MARGIN_S: Final = 0.1
"""Kept of the still time, so that the motion begins and ends at rest."""


@dataclass(frozen=True, eq=False)
class Trimmed:
    """A recording without its still ends, and what that took.

    Attributes:
        recording: what is left.
        cut_start_s: cut off at the start.
        cut_end_s: cut off at the end.
    """

    recording: JointRecording
    cut_start_s: float
    cut_end_s: float

    @property
    def cut(self) -> bool:
        """Whether anything was cut off."""
        return self.cut_start_s > 0 or self.cut_end_s > 0


def trim_still_ends(
    recording: JointRecording, still_rad: float = STILL_RAD, margin_s: float = MARGIN_S
) -> Trimmed:
    """Cut off what comes before the first and after the last movement; one that never moves stays whole.

    Args:
        recording: to be trimmed.
        still_rad: distance from the first (last) posture within which the arm stands still [rad].
        margin_s: still time that is kept at either end.
    """
    joints, time_s = recording.joints, recording.time_s
    left = np.abs(joints - joints[0]).max(axis=1) > still_rad
    not_yet_there = np.abs(joints - joints[-1]).max(axis=1) > still_rad
    if not left.any():
        return Trimmed(recording, 0.0, 0.0)
    moves_s = time_s[max(int(left.argmax()) - 1, 0)]
    rests_s = time_s[len(left) - int(not_yet_there[::-1].argmax())]
    first = int(np.searchsorted(time_s, moves_s - margin_s, side="right")) - 1
    last = int(np.searchsorted(time_s, rests_s + margin_s, side="left"))
    first, last = max(first, 0), min(last, len(time_s) - 1)
    return Trimmed(
        recording.between(first, last),
        float(time_s[first] - time_s[0]),
        float(time_s[-1] - time_s[last]),
    )
