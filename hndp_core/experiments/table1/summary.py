"""All results of one task at one level, counted by row."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from statistics import mean, median
from typing import Any

from hndp_core.evaluation.success_rate import SuccessRate
from hndp_core.experiments.table1.comparisons import Comparison, compare
from hndp_core.experiments.table1.motion_facts import MotionFacts
from hndp_core.experiments.table1.rows import ROWS
from hndp_core.experiments.table1.run_result import RunResult
from hndp_core.robots.time_scaling import GREATEST_SLOW_DOWN
from hndp_core.tasks import get_task


@dataclass(frozen=True)
class RowSummary:
    """All runs of one row on one task.

    Attributes:
        row: which
        runs: (layout seed, seed) of each
        train: by iteration, over all runs
        held_out: by iteration, over all runs
        refused: held-out plans of the last iteration that the arm's safety check refused to start
        median_squared_jerk: of the held-out plans [rad^2/s^5]
        violating: of them, how many would break a limit of the Panda
        violating_scaled: how many would even when slowed down
        seconds: mean wall time of a run, without what rows share
        demonstration_jerk: median of the demonstrations; None for a method without local policies
        local_jerk: median of the local policies
        local_error_rad: mean of their root mean square errors
    """

    row: str
    runs: tuple[tuple[int, int], ...]
    train: tuple[SuccessRate, ...]
    held_out: tuple[SuccessRate, ...]
    refused: int
    median_squared_jerk: float
    violating: int
    violating_scaled: int
    seconds: float
    demonstration_jerk: float | None
    local_jerk: float | None
    local_error_rad: float | None


@dataclass(frozen=True)
class TaskSummary:
    """One task at one level.

    Attributes:
        task: such as "scooping@clean"
        rows: in the order of the table
        comparisons: of every row with H-NDP
        commits: of the code that ran
        machines: on which
        first_date: of the earliest result
        last_date: of the latest
    """

    task: str
    rows: tuple[RowSummary, ...]
    comparisons: tuple[Comparison, ...]
    commits: tuple[str, ...]
    machines: tuple[str, ...]
    first_date: str
    last_date: str

    @property
    def base(self) -> str:
        """The task's name without its level."""
        return self.task.partition("@")[0]

    @property
    def level(self) -> str:
        """The level's name."""
        return self.task.partition("@")[2]

    def as_dict(self) -> dict[str, Any]:
        """All of it for JSON, rates with their intervals."""
        values = asdict(self)
        for row, kept in zip(values["rows"], self.rows, strict=True):
            row["train"] = [rate.as_dict() for rate in kept.train]
            row["held_out"] = [rate.as_dict() for rate in kept.held_out]
        return {**values, "greatest_slow_down": GREATEST_SLOW_DOWN}


def summarise(results: Sequence[RunResult]) -> list[TaskSummary]:
    """One summary for each task and level that has a result: tasks by name, levels as the task lists them."""
    return [_of_task(task, results) for task in sorted({each.run.task for each in results}, key=_place)]


def _place(task: str) -> tuple[str, int]:
    name, _, level = task.partition("@")
    return name, [each.name for each in get_task(name).levels].index(level)


def _of_task(task: str, results: Sequence[RunResult]) -> TaskSummary:
    own = [each for each in results if each.run.task == task]
    dates = sorted(each.date for each in own)
    return TaskSummary(
        task=task,
        rows=tuple(
            _of_row(row, [each for each in own if each.run.row == row])
            for row in ROWS
            if any(each.run.row == row for each in own)
        ),
        comparisons=tuple(compare(task, own)),
        commits=tuple(sorted({each.commit for each in own})),
        machines=tuple(sorted({each.machine for each in own})),
        first_date=dates[0],
        last_date=dates[-1],
    )


def _of_row(row: str, runs: Sequence[RunResult]) -> RowSummary:
    motion = MotionFacts(
        tuple(jerk for each in runs for jerk in each.motion.squared_jerk),
        tuple(factor for each in runs for factor in each.motion.slow_downs),
    )
    locals_ = [each.local for each in runs if each.local is not None]
    demonstration_jerk = [jerk for each in locals_ for jerk in each.demonstration_jerk]
    local_jerk = [jerk for each in locals_ for jerk in each.local_jerk]
    errors = [error for each in locals_ for error in each.error_rad]
    return RowSummary(
        row=row,
        runs=tuple(sorted((each.run.layout_seed, each.run.seed) for each in runs)),
        train=_by_iteration([each.train for each in runs]),
        held_out=_by_iteration([each.held_out for each in runs]),
        refused=sum(outcome["refusal"] is not None for each in runs for outcome in each.outcomes),
        median_squared_jerk=median(motion.squared_jerk) if motion.squared_jerk else 0.0,
        violating=motion.violating,
        violating_scaled=motion.violating_scaled,
        seconds=mean(each.seconds["run"] for each in runs),
        demonstration_jerk=median(demonstration_jerk) if demonstration_jerk else None,
        local_jerk=median(local_jerk) if local_jerk else None,
        local_error_rad=mean(errors) if errors else None,
    )


def _by_iteration(rates: Sequence[Sequence[SuccessRate]]) -> tuple[SuccessRate, ...]:
    return tuple(sum(same, SuccessRate(0, 0)) for same in zip(*rates, strict=True))
