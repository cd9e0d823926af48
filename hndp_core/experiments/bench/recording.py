"""What a killed recording loses, and how evenly a recording samples while the camera is drawn."""

import threading
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import numpy as np

from hndp_core.data.episode_file import EpisodeHeader
from hndp_core.data.episode_log import EpisodeLog
from hndp_core.data.episode_sampling import record_episode
from hndp_core.experiments.bench.killed_recording import RATE_HZ, lost_seconds
from hndp_core.experiments.bench.record import BenchRecord, Target, present_commit
from hndp_core.robots.simulated import LIVE_FRAME_PERIOD_S, SimulatedRobot
from hndp_core.seeding import seed_for
from hndp_core.tasks import get_task

TARGETS: Final[dict[str, Target]] = {
    "lost_seconds_after_kill": {"at_most": 1.0},
    "recording_gap_max_ms": {"at_most": 40.0},
}
_TASK: Final = "scooping"
_KILLED_AFTER_S: Final = (0.5, 2.5)


def measure(kills: int = 20, seconds: float = 20.0) -> BenchRecord:
    """Kill recordings at random moments, and watch a whole one.

    Args:
        kills: how many recordings are killed
        seconds: length of the one that is not

    Raises:
        MissingGraphicsLibrary: no OpenGL to render with.
    """
    moments = np.random.default_rng(seed_for(0, "bench", "recording")).uniform(*_KILLED_AFTER_S, kills)
    with TemporaryDirectory(prefix="hndp-bench-recording-") as folder:
        lost = [lost_seconds(Path(folder) / str(run), after_s) for run, after_s in enumerate(moments)]
        gap_s = gap_while_drawing(Path(folder) / "whole", seconds)
    figures = {
        "lost_seconds_after_kill": max(lost),
        "lost_seconds_after_kill_median": float(np.median(lost)),
        "recording_gap_max_ms": 1e3 * gap_s,
    }
    notes = {"lost_seconds_after_kill": f"worst of {kills}", "recording_gap_max_ms": f"in {seconds:g} s"}
    return BenchRecord("recording", present_commit(), figures, TARGETS, notes)


def gap_while_drawing(path: Path, seconds: float) -> float:
    """Greatest time between two samples of a simulated arm whose live picture is drawn meanwhile [s]."""
    task, done = get_task(_TASK), threading.Event()
    with SimulatedRobot(task.build_scene(), speed=1.0) as robot:
        robot.prepare(task.layout()[0], task.variation(0))
        robot.latest_frame()  # build the renderer

        def draw() -> None:
            while not done.wait(LIVE_FRAME_PERIOD_S):
                robot.latest_frame()

        drawing = threading.Thread(target=draw)
        drawing.start()
        try:
            with EpisodeLog(path, EpisodeHeader(RATE_HZ, task.key, task.layout()[0].name)) as log:
                sampling = record_episode(robot.joints, RATE_HZ, log, lambda: False, seconds)
        finally:
            done.set()
            drawing.join()
    return sampling.greatest_gap_s
