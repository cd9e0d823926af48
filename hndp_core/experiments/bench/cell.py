"""The bench of the cell: how evenly it sends commands in real time, alone and on a busy machine."""

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Final

import numpy as np
from jaxtyping import Float64

from hndp_core.data.images import encode_image
from hndp_core.experiments.bench.record import BenchRecord, Target, present_commit
from hndp_core.robots.pace import period_errors_ms
from hndp_core.robots.simulated import LIVE_FRAME_PERIOD_S, SimulatedRobot
from hndp_core.rollout import execute
from hndp_core.tasks import Task, get_task

TASK: Final = "scooping"
ROLLOUTS: Final = 6
TARGETS: dict[str, Target] = {"period_error_p99_ms": {"at_most": 2.0}}

Load = Callable[[], AbstractContextManager[None]]
"""Keeps the machine busy for as long as the block lasts."""


def measure(load: Load, *, rollouts: int = ROLLOUTS, steps: int | None = None, seed: int = 0) -> BenchRecord:
    """Let the teacher's demonstrations run at 50 Hz in real time, filmed and watched as in a cell.

    Figures without a prefix are under load, those with `quiet_` without. The first rollout of each kind is
    left out, since graphics are set up in it.

    Args:
        load: what the machine does beside.
        rollouts: that are measured of each kind.
        steps: of each rollout; None: all.
        seed: of the scenes' variations.

    Raises:
        MissingGraphicsLibrary: no OpenGL to render with.
    """
    task = get_task(TASK)
    with SimulatedRobot(task.build_scene(), speed=1.0) as robot:
        quiet_ms, _ = _period_errors_ms(robot, task, rollouts, steps, seed)
        with load():
            loaded_ms, scheduling = _period_errors_ms(robot, task, rollouts, steps, seed)
    figures = {"periods": float(len(loaded_ms))}
    for prefix, errors_ms in (("", loaded_ms), ("quiet_", quiet_ms)):
        for name, share in (("p50", 50.0), ("p99", 99.0), ("max", 100.0)):
            figures[f"{prefix}period_error_{name}_ms"] = float(np.percentile(errors_ms, share))
    return BenchRecord("cell", present_commit(), figures, TARGETS, {"period_error_p99_ms": scheduling})


def _period_errors_ms(
    robot: SimulatedRobot, task: Task, rollouts: int, steps: int | None, seed: int
) -> tuple[Float64[np.ndarray, " periods"], str]:
    """Errors of all periods, and how the control loop was scheduled."""
    errors_ms, regions, scheduling = [], task.layout(), ""

    def look(step: int, joints: Float64[np.ndarray, " dof"]) -> None:
        nonlocal scheduling
        scheduling = scheduling or _scheduling()

    for number in range(rollouts + 1):
        region, variation = regions[number % len(regions)], task.variation(seed + number)
        robot.prepare(region, variation)
        path = robot.scene.demonstrate(region, variation)[:steps]
        with _watched(robot):
            record = execute(robot, path, record_video=True, on_step=look)
        if number > 0:
            errors_ms.append(period_errors_ms(record.time_s, robot.rate_hz))
    return np.concatenate(errors_ms), scheduling


@contextmanager
def _watched(robot: SimulatedRobot) -> Iterator[None]:
    """Somebody looks at the live picture, as through the cell's service."""
    robot.live, over = True, threading.Event()

    def watch() -> None:
        while not over.wait(LIVE_FRAME_PERIOD_S):
            picture = robot.latest_frame()
            if picture is not None:
                encode_image(picture, "jpg")

    watcher = threading.Thread(target=watch, name="watcher")
    watcher.start()
    try:
        yield
    finally:
        over.set()
        watcher.join()
        robot.live = False


def _scheduling() -> str:
    if os.sched_getscheduler(0) & os.SCHED_FIFO:
        return "the loop had real-time priority"
    niceness = os.getpriority(os.PRIO_PROCESS, threading.get_native_id())
    return f"the loop had no real-time priority, niceness {niceness}"
