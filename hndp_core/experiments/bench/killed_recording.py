"""A recording process that is killed, and what it loses."""

import os
import struct
import subprocess
import sys
import time
from pathlib import Path
from typing import Final

import numpy as np

from hndp_core.data.episode_file import EpisodeHeader, read_episode
from hndp_core.data.episode_log import EpisodeLog
from hndp_core.data.episode_sampling import record_episode

RATE_HZ: Final = 50.0
_STAMP: Final = struct.Struct("<d")


def lost_seconds(path: Path, after_s: float) -> float:
    """Kill a recording process after so many seconds; return the time from the last sample that its file
    holds to the last that was taken.
    """
    command = [sys.executable, "-m", "hndp_core.experiments.bench.killed_recording", str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        taken = [_next_stamp(process.stdout.read(_STAMP.size))]
        while taken[-1] - taken[0] < after_s:
            taken.append(_next_stamp(process.stdout.read(_STAMP.size)))
        process.kill()
        rest = process.stdout.read()
    whole = len(rest) - len(rest) % _STAMP.size
    taken += [stamp for (stamp,) in _STAMP.iter_unpack(rest[:whole])]
    recording = read_episode(path).recording
    kept_until_s = taken[0] if recording is None else float(recording.joints[-1, 0])
    return taken[-1] - kept_until_s


def record_until_killed(path: Path) -> None:
    """Record forever; each sample's joints are its time, which is told on stdout as it is taken."""
    began_s = time.monotonic()

    def read_joints() -> np.ndarray:
        now_s = time.monotonic() - began_s
        os.write(sys.stdout.fileno(), _STAMP.pack(now_s))
        return np.full(7, now_s)

    with EpisodeLog(path, EpisodeHeader(RATE_HZ, "scooping", "T1")) as log:
        record_episode(read_joints, RATE_HZ, log, lambda: False, greatest_duration_s=3600.0)


def _next_stamp(content: bytes) -> float:
    return _STAMP.unpack(content)[0]


if __name__ == "__main__":
    record_until_killed(Path(sys.argv[1]))
