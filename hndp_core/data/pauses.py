"""Waits in the middle of a recording: who guides an arm by pointer and keys stops to think."""

from typing import Final

import numpy as np
from jaxtyping import Bool

from hndp_core.data.joint_recording import JointRecording, UnusableRecording

PAUSE_SPEED_RAD_S: Final = 0.005
"""A joint that is slower than this rests."""

PAUSE_S: Final = 0.2
"""A rest that is shorter belongs to the motion."""


def without_pauses(recording: JointRecording) -> JointRecording:
    """Return the motion alone: what comes after a pause follows at once on what was before it.

    A demonstration takes one rollout, so each second of thinking would make all of the motion faster. The
    path stays as it was: the arm rests at both ends of a pause.

    Raises:
        UnusableRecording: nothing moved.
    """
    spans_s = np.diff(recording.time_s)
    speed = np.abs(np.diff(recording.joints, axis=0)).max(axis=1) / spans_s
    kept = ~_within_pause(speed < PAUSE_SPEED_RAD_S, spans_s)
    if kept.sum() < 1:
        raise UnusableRecording("The arm did not move: guide it while it records, and record it again.")
    time_s = recording.time_s[0] + np.concatenate([[0.0], np.cumsum(spans_s[kept])])
    rows = np.concatenate([[True], kept])
    commanded = None if recording.commanded is None else recording.commanded[rows]
    return JointRecording(time_s, recording.joints[rows], commanded)


def _within_pause(still: Bool[np.ndarray, " spans"], spans_s: np.ndarray) -> Bool[np.ndarray, " spans"]:
    """Return which spans belong to a rest of at least `PAUSE_S`."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], still.view(np.int8), [0]])))
    pause = np.zeros_like(still)
    for begin, end in edges.reshape(-1, 2):
        pause[begin:end] = spans_s[begin:end].sum() >= PAUSE_S
    return pause
