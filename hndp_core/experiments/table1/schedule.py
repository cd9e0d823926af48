"""What to run, in which order: one seed of every row first, then more of H-NDP and of the best baseline."""

from collections.abc import Sequence
from dataclasses import dataclass

from hndp_core.evaluation.success_rate import SuccessRate
from hndp_core.experiments.table1.planned_run import PlannedRun, planned, task_at_level
from hndp_core.experiments.table1.rows import HNDP_ROW, ROWS, get_row
from hndp_core.experiments.table1.run_result import RunResult
from hndp_core.tasks import task_names


@dataclass(frozen=True)
class Schedule:
    """Which runs make up the table.

    Attributes:
        tasks: with or without a level; empty: all
        levels: each task is run at each of them; empty: as the tasks say
        rows: every one of them gets every seed; empty: all rows get the first seed, and H-NDP and the best
            baseline of each task the others
        seeds: how many, counted from 0
        layout_seeds: which layouts

    Raises:
        UnknownTask, UnknownName: for a task, level or row that does not exist.
    """

    tasks: tuple[str, ...] = ()
    levels: tuple[str, ...] = ()
    rows: tuple[str, ...] = ()
    seeds: int = 1
    layout_seeds: tuple[int, ...] = (0,)

    def __post_init__(self) -> None:
        for row in self.rows:
            get_row(row)
        self.tasks_at_levels()

    def tasks_at_levels(self) -> list[str]:
        """Every task with its level."""
        tasks = self.tasks or task_names()
        return [task_at_level(task, level) for task in tasks for level in (self.levels or (None,))]

    def first(self) -> list[PlannedRun]:
        """What does not depend on any result."""
        tasks = self.tasks_at_levels()
        if self.rows:
            return planned(tasks, self.rows, self.layout_seeds, range(self.seeds))
        return planned(tasks, list(ROWS), self.layout_seeds[:1], (0,))

    def then(self, results: Sequence[RunResult]) -> list[PlannedRun]:
        """What follows when the first part is done."""
        if self.rows:
            return []
        runs: list[PlannedRun] = []
        for task in self.tasks_at_levels():
            first = [
                each
                for each in results
                if (each.run.task, each.run.layout_seed, each.run.seed) == (task, self.layout_seeds[0], 0)
            ]
            rows = [HNDP_ROW, *(row for row in [best_baseline(task, first)] if row)]
            runs += planned([task], rows, self.layout_seeds, range(self.seeds))
        return sorted(runs, key=lambda run: (run.layout_seed, run.seed))


def best_baseline(task: str, results: Sequence[RunResult]) -> str | None:
    """The row with the highest held-out rate after its last iteration that is no variant of H-NDP.

    Only rows with the greatest number of trials are compared: a lucky single seed is no better than three.
    Ties are decided by the train regions, then by the order of the table.
    """
    held_out, train = rates(task, results, "held_out"), rates(task, results, "train")
    most = max((rate.trials for row, rate in held_out.items() if get_row(row).baseline), default=0)
    rivals = [row for row in ROWS if row in held_out and ROWS[row].baseline and held_out[row].trials == most]
    return max(rivals, key=lambda row: (held_out[row].rate, train[row].rate), default=None)


def rates(task: str, results: Sequence[RunResult], split: str) -> dict[str, SuccessRate]:
    """Of each row that has run on the task: successes of the last iteration over all layouts and seeds."""
    counted: dict[str, SuccessRate] = {}
    for each in results:
        if each.run.task == task:
            last = (each.held_out if split == "held_out" else each.train)[-1]
            counted[each.run.row] = counted.get(each.run.row, SuccessRate(0, 0)) + last
    return counted
