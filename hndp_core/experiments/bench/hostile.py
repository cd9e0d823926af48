"""The bench of the check before motion: hostile trajectories and legal ones, through a robot's `execute`."""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Final

import numpy as np
from jaxtyping import Float64

from hndp_core.data.trajectory import resample
from hndp_core.errors import HndpError
from hndp_core.experiments.bench.record import BenchRecord, Target, present_commit
from hndp_core.experiments.hostile_trajectories import hostile_trajectories, swing
from hndp_core.experiments.motion_oracle import violation
from hndp_core.robots.limits import PANDA_LIMITS
from hndp_core.robots.safety import check_trajectory
from hndp_core.robots.simulated import SimulatedRobot
from hndp_core.robots.time_scaling import slow_to_fit
from hndp_core.seeding import seed_for
from hndp_core.tasks import SceneVariation, Task, get_task

HOSTILE, LEGAL = 10_000, 1_000
TASKS: Final = ("scooping", "pouring", "writing")
TARGETS: dict[str, Target] = {
    "unsafe_executed": {"at_most": 0.0},
    "legal_refused": {"at_most": 0.0},
    "unexplained_errors": {"at_most": 0.0},
    "check_ms_p99": {"at_most": 50.0},
}

_GREATEST_HURRY: Final = 3.0
_WAVES_RAD: Final = 0.15
_TIMED_CHECKS: Final = 200

OnCount = Callable[[str, int], None]
"""(part of the bench, how many of it are done)"""


class _BeganToMove(Exception):
    """Ends a motion after its first step."""


def measure(
    *,
    hostile: int = HOSTILE,
    legal: int = LEGAL,
    tasks: tuple[str, ...] = TASKS,
    seed: int = 0,
    report: OnCount = lambda part, done: None,
) -> BenchRecord:
    """Hand trajectories to the simulated robot, and see which it begins to execute.

    Whether one was unsafe says `motion_oracle`, which shares nothing with the check. Legal ones are, in
    turn: slow waves about home, teachers' demonstrations, and demonstrations in a hurry, slowed down to fit.

    Args:
        hostile: number of hostile trajectories, on the robot of the first task.
        legal: number of legal ones, over all tasks.
        tasks: whose scenes and teachers are used.
        seed: of all that is drawn.
        report: hears of the progress.

    Raises:
        MissingGraphicsLibrary: no OpenGL to render with.
    """
    figures, notes = _hostile(get_task(tasks[0]), hostile, seed, report)
    refused, first_refusal, times_ms = 0, "", []
    for number, name in enumerate(tasks):
        count = legal // len(tasks) + (number < legal % len(tasks))
        outcome = _legal(get_task(name), count, seed, report)
        refused, times_ms = refused + len(outcome[0]), [*times_ms, *outcome[1]]
        first_refusal = first_refusal or next(iter(outcome[0]), "")
    figures |= {
        "legal": float(legal),
        "legal_refused": float(refused),
        "check_ms_p50": float(np.percentile(times_ms, 50)),
        "check_ms_p99": float(np.percentile(times_ms, 99)),
    }
    notes |= {"legal_refused": first_refusal} if first_refusal else {}
    return BenchRecord("hostile", present_commit(), figures, TARGETS, notes)


def begins_to_move(robot: SimulatedRobot, trajectory: object) -> bool:
    """Whether the robot executes a trajectory; its motion ends after the first step.

    Raises:
        HndpError: it refuses.
    """

    def after_step(step: int, joints: Float64[np.ndarray, " dof"]) -> None:
        raise _BeganToMove

    try:
        robot.execute(trajectory, after_step)  # pyright: ignore[reportArgumentType]
    except _BeganToMove:
        return True
    return False


def _hostile(task: Task, count: int, seed: int, report: OnCount) -> tuple[dict[str, float], dict[str, str]]:
    """Figures of the hostile trajectories, and what went wrong first."""
    executed, found, notes = Counter[str](), Counter[str](), dict[str, str]()
    with SimulatedRobot(task.build_scene()) as robot:
        home = _stand_at_home(robot, task)
        drawn = hostile_trajectories(home, robot.rate_hz, count, seed)
        for number, (kind, trajectory) in enumerate(drawn):
            unsafe = violation(home, trajectory, robot.rate_hz)
            found["unsafe"] += unsafe is not None
            try:
                moved = begins_to_move(robot, trajectory)
            except HndpError:
                moved = False
            except Exception as error:
                moved = False
                found["unexplained"] += 1
                notes.setdefault("unexplained_errors", f"{kind}: {error!r}")
            if moved:
                _stand_at_home(robot, task)
                executed["unsafe" if unsafe else "safe"] += 1
                if unsafe:
                    notes.setdefault("unsafe_executed", f"{kind}: {unsafe}")
            report("hostile", number + 1)
    return {
        "hostile": float(count),
        "hostile_unsafe": float(found["unsafe"]),
        "safe_executed": float(executed["safe"]),
        "unsafe_executed": float(executed["unsafe"]),
        "unexplained_errors": float(found["unexplained"]),
    }, notes


def _legal(task: Task, count: int, seed: int, report: OnCount) -> tuple[list[str], list[float]]:
    """Refusals of legal trajectories, and what checks of demonstrations took on one core [ms]."""
    refusals, times_ms = [], []
    with SimulatedRobot(task.build_scene()) as robot:
        home = _stand_at_home(robot, task)
        for number, (demonstrated, plan) in enumerate(_legal_plans(robot, task, home, count, seed)):
            try:
                paced = slow_to_fit(home, plan, robot.rate_hz, body=robot.arm_body)
                begins_to_move(robot, paced.commands)
            except HndpError as error:
                refusals.append(f"{task.key}: {error}")
            _stand_at_home(robot, task)
            if demonstrated and len(times_ms) < _TIMED_CHECKS:
                began_s = time.thread_time()
                check_trajectory(home, plan, robot.rate_hz, body=robot.arm_body)
                times_ms.append((time.thread_time() - began_s) * 1e3)
            report(f"legal {task.name}", number + 1)
    return refusals, times_ms


def _legal_plans(
    robot: SimulatedRobot, task: Task, home: Float64[np.ndarray, " 7"], count: int, seed: int
) -> Iterator[tuple[bool, Float64[np.ndarray, "steps 7"]]]:
    """Yield plans, and whether each is a demonstration as it was shown."""
    regions = task.layout()
    low, high = PANDA_LIMITS.position_range()
    reach_rad = min(_WAVES_RAD, 0.8 * float(np.minimum(home - low, high - home).min()))
    for number in range(count):
        drawn = seed_for(seed, "legal", task.key, number)
        generator = np.random.default_rng(drawn)
        if number % 3 == 0:
            yield False, swing(home, robot.rate_hz, generator, reach_rad)
            continue
        shown = robot.scene.demonstrate(regions[number % len(regions)], task.variation(drawn))
        if number % 3 == 1:
            yield True, shown
        else:
            steps = int(len(shown) / generator.uniform(1.0, _GREATEST_HURRY))
            yield False, resample(home, shown, steps)


def _stand_at_home(robot: SimulatedRobot, task: Task) -> Float64[np.ndarray, " 7"]:
    robot.prepare(task.layout()[0], SceneVariation.none())
    return robot.joints()
