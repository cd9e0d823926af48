"""What a person should look at before a motion becomes a demonstration."""

from typing import Final

import numpy as np
from jaxtyping import Float64

from hndp_core.data.joint_recording import JointRecording
from hndp_core.robots.limits import PANDA_LIMITS, JointLimits

CLOSE_TO_LIMIT: Final = 0.9
"""Part of a joint's limit above which a motion is pointed out: it leaves no room for what a policy adds."""

LEAST_RANGE_RAD: Final = 0.05
"""A motion in which no joint moves as far as this shows nothing."""

GREATEST_GAP_S: Final = 0.04
"""Two samples at 50 Hz; between two of a slower file, three of its own periods."""

_SPIKE_SHARE: Final = 0.5
_SPIKE_WINDOW: Final = 7


def recording_warnings(recording: JointRecording, limits: JointLimits = PANDA_LIMITS) -> list[str]:
    """What is doubtful about the samples themselves: gaps, leaps, postures out of range, no motion."""
    found = [_gap(recording), _spike(recording, limits), _out_of_range(recording, limits)]
    if np.ptp(recording.joints, axis=0).max() < LEAST_RANGE_RAD:
        found.append(f"nothing moved: no joint goes further than {LEAST_RANGE_RAD} rad")
    return [each for each in found if each is not None]


def pace_warnings(
    start: Float64[np.ndarray, " dof"],
    commands: Float64[np.ndarray, "steps dof"],
    rate_hz: float,
    limits: JointLimits = PANDA_LIMITS,
) -> list[str]:
    """What is doubtful about the commands at the pace of their execution: joints near their limits.

    Args:
        start: joints before row 0, at rest [rad].
        commands: joint positions [rad].
        rate_hz: rows a second.
        limits: of the arm.
    """
    rows = np.vstack([start, start, commands])
    speed = np.diff(rows, axis=0) * rate_hz
    acceleration = np.diff(speed, axis=0) * rate_hz
    found = []
    for name, values, limit in (
        ("velocity", speed, limits.velocity),
        ("acceleration", acceleration, limits.acceleration),
    ):
        share = np.abs(values).max(axis=0) / np.array(limit)
        joint = int(share.argmax())
        if share[joint] > CLOSE_TO_LIMIT:
            found.append(f"joint {joint + 1} reaches {share[joint]:.0%} of its {name} limit")
    return found


def _gap(recording: JointRecording) -> str | None:
    steps = np.diff(recording.time_s)
    bound = max(GREATEST_GAP_S, 3 / recording.rate_hz)
    worst = int(steps.argmax())
    if steps[worst] <= bound * (1 + 1e-9):
        return None
    at_s = recording.time_s[worst] - recording.time_s[0]
    count = int((steps > bound).sum())
    others = "" if count == 1 else f" and {count - 1} more gaps"
    return f"{steps[worst]:.2f} s without a sample at {at_s:.2f} s{others}"


def _spike(recording: JointRecording, limits: JointLimits) -> str | None:
    """A leap that the samples around it know nothing of."""
    speed = np.diff(recording.joints, axis=0) / np.diff(recording.time_s)[:, None]
    if len(speed) < _SPIKE_WINDOW:
        return None
    half = _SPIKE_WINDOW // 2
    padded = np.pad(speed, ((half, half), (0, 0)), mode="edge")
    usual = np.median(np.lib.stride_tricks.sliding_window_view(padded, _SPIKE_WINDOW, axis=0), axis=-1)
    leap = np.abs(speed - usual) / np.array(limits.velocity)
    step, joint = np.unravel_index(int(leap.argmax()), leap.shape)
    if leap[step, joint] <= _SPIKE_SHARE:
        return None
    at_s = recording.time_s[step] - recording.time_s[0]
    return f"joint {joint + 1} leaps at {at_s:.2f} s, with {abs(speed[step, joint]):.1f} rad/s for one sample"


def _out_of_range(recording: JointRecording, limits: JointLimits) -> str | None:
    low, high = limits.position_range()
    beyond = np.maximum(low - recording.joints, recording.joints - high)
    row, joint = np.unravel_index(int(beyond.argmax()), beyond.shape)
    if beyond[row, joint] <= 0:
        return None
    at_s = recording.time_s[row] - recording.time_s[0]
    return (
        f"joint {joint + 1} stands at {recording.joints[row, joint]:.2f} rad at {at_s:.2f} s, "
        f"beyond its range of {low[joint]:.2f} to {high[joint]:.2f} rad"
    )
