"""Sampling the joints while a hand leads the arm."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64

from hndp_core.data.episode_log import EpisodeLog
from hndp_core.errors import InvalidSetting


@dataclass(frozen=True)
class Sampling:
    """How a recording went.

    Attributes:
        samples: how many were taken.
        duration_s: from the first to the last.
        greatest_gap_s: between two of them.
        ran_out: whether it ended by its greatest duration, and not by being stopped.
    """

    samples: int
    duration_s: float
    greatest_gap_s: float
    ran_out: bool


def record_episode(
    read_joints: Callable[[], Float64[np.ndarray, " dof"]],
    rate_hz: float,
    log: EpisodeLog,
    should_stop: Callable[[], bool],
    greatest_duration_s: float,
    *,
    read_commanded: Callable[[], Float64[np.ndarray, " dof"]] | None = None,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> Sampling:
    """Sample into a log until told to stop; the caller closes the log.

    Deadlines are absolute, so that a late sample does not shift those after it; a deadline that has passed
    altogether is left out, never made up for in a burst. Each sample gets the time at which it was read, from
    0 at the first.

    Args:
        read_joints: the measured joints [rad].
        rate_hz: samples a second.
        log: takes them.
        should_stop: asked before each sample.
        greatest_duration_s: after which the recording ends by itself.
        read_commanded: the joints that the arm is commanded [rad], where the log wants them.
        clock: seconds of a clock that never jumps.
        sleep: waits so many seconds.

    Raises:
        InvalidSetting: a rate or a duration that is not above zero.
        RecordingDiskFull: no room left; the samples until then are kept.
    """
    for name, value in (("rate_hz", rate_hz), ("greatest_duration_s", greatest_duration_s)):
        if not value > 0:
            raise InvalidSetting(name, value, "use a number above zero")
    began_s = clock()
    first_s = last_s = began_s
    slot = samples = 0
    gap_s = 0.0
    while (ran_out := slot / rate_hz > greatest_duration_s) is False and not should_stop():
        joints = read_joints()
        now_s = clock()
        commanded = None if read_commanded is None else read_commanded()
        first_s = first_s if samples else now_s
        log.append(now_s - first_s, joints, commanded)
        gap_s = max(gap_s, now_s - last_s) if samples else 0.0
        last_s, samples = now_s, samples + 1
        slot = max(slot + 1, math.ceil((clock() - began_s) * rate_hz))
        sleep(max(0.0, began_s + slot / rate_hz - clock()))
    return Sampling(samples, last_s - first_s if samples else 0.0, gap_s, ran_out)
