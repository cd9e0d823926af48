"""From a recording to the commands that an arm at home executes as a demonstration."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from jaxtyping import Float64

from hndp_core.data.joint_recording import JointRecording
from hndp_core.data.motion_warnings import pace_warnings, recording_warnings
from hndp_core.data.still_ends import trim_still_ends
from hndp_core.data.trajectory import resample
from hndp_core.errors import ShapeMismatch
from hndp_core.robots.limits import PANDA_LIMITS

AT_HOME_RAD: Final = 0.01
"""A recording that begins this near to home needs no way there; the rest fades away."""

_FADE_S: Final = 0.5
_LEAD_IN_SPEED: Final = 0.4
_LEAST_LEAD_IN_S: Final = 0.5
_MINIMUM_JERK_PEAK: Final = 1.875


@dataclass(frozen=True, eq=False)
class PreparedMotion:
    """A motion as a demonstration has it: all of it in one rollout, from home at rest.

    Attributes:
        start: the home joints [rad].
        commands: one row a control step [rad].
        cut_start_s: still time cut off at the start.
        cut_end_s: still time cut off at the end.
        lead_in_s: way from home to the first posture, put in front.
        pace: executed speed by recorded speed.
        warnings: what a person should look at, as half sentences.
    """

    start: Float64[np.ndarray, " dof"]
    commands: Float64[np.ndarray, "steps dof"]
    cut_start_s: float
    cut_end_s: float
    lead_in_s: float
    pace: float
    warnings: tuple[str, ...]


def prepare_motion(
    recording: JointRecording,
    home: Float64[np.ndarray, " dof"],
    steps: int,
    rate_hz: float,
    *,
    trim: bool = True,
) -> PreparedMotion:
    """Trim still ends, lead in from home, resample to the steps of a rollout, and look for what is wrong.

    Every demonstration takes one rollout (H-NDP Sec. IV-A: k steps), so a longer recording becomes faster.

    Args:
        recording: measured or imported.
        home: joints at which every rollout starts [rad].
        steps: of a rollout.
        rate_hz: control steps a second.
        trim: whether still ends are cut off.

    Raises:
        ShapeMismatch: the recording is of another arm.
    """
    if recording.joints.shape[1:] != home.shape:
        raise ShapeMismatch("joints", recording.joints.shape, f"(samples, {len(home)})")
    trimmed = trim_still_ends(recording)
    kept, cut = (trimmed.recording, trimmed) if trim else (recording, None)
    lead_in = _lead_in(home, kept.joints[0], rate_hz)
    path = np.vstack([lead_in, _evenly(kept, rate_hz)])
    if not len(lead_in):
        path = path + _fading(home - kept.joints[0], len(path), rate_hz)
    commands = resample(home, path, steps)
    return PreparedMotion(
        start=home,
        commands=commands,
        cut_start_s=cut.cut_start_s if cut else 0.0,
        cut_end_s=cut.cut_end_s if cut else 0.0,
        lead_in_s=len(lead_in) / rate_hz,
        pace=len(path) / steps,
        warnings=(*recording_warnings(kept), *pace_warnings(home, commands, rate_hz)),
    )


def _evenly(recording: JointRecording, rate_hz: float) -> Float64[np.ndarray, "steps dof"]:
    """The recording at the control rate, by a cubic spline that rests at both ends; its first row is left out
    where it is the start.
    """
    from scipy.interpolate import CubicSpline  # heavy: readers of files do not need it

    time_s = recording.time_s - recording.time_s[0]
    spline = CubicSpline(time_s, recording.joints, bc_type="clamped")
    steps = max(1, round(recording.duration_s * rate_hz))
    return spline(np.linspace(0.0, recording.duration_s, steps + 1)[1:])


def _lead_in(
    home: Float64[np.ndarray, " dof"], first: Float64[np.ndarray, " dof"], rate_hz: float
) -> Float64[np.ndarray, "steps dof"]:
    """From home to the first posture on a minimum-jerk path; no row where they are the same."""
    way = first - home
    if np.abs(way).max() <= AT_HOME_RAD:
        return np.empty((0, len(home)))
    speed = _LEAD_IN_SPEED * np.array(PANDA_LIMITS.velocity)
    duration_s = max(_LEAST_LEAD_IN_S, float((_MINIMUM_JERK_PEAK * np.abs(way) / speed).max()))
    steps = int(np.ceil(duration_s * rate_hz))
    return home + _progress(np.arange(1, steps + 1) / steps)[:, None] * way


def _fading(
    offset: Float64[np.ndarray, " dof"], steps: int, rate_hz: float
) -> Float64[np.ndarray, "steps dof"]:
    """A small offset at the start that is gone after `_FADE_S`: without it the first step would leap."""
    share = np.minimum(np.arange(1, steps + 1) / (_FADE_S * rate_hz), 1.0)
    return (1.0 - _progress(share))[:, None] * offset


def _progress(share: Float64[np.ndarray, " steps"]) -> Float64[np.ndarray, " steps"]:
    """Minimum-jerk progress from 0 to 1."""
    return share**3 * (10 - 15 * share + 6 * share**2)
