"""One row for each experiment: where it stands, how well it does, what it cost."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Final

from pydantic import BaseModel

from app.dashboards.overview_repository import (
    ArmTime,
    HeldOutCount,
    OverviewRepository,
    PlainExperiment,
)
from app.dashboards.schemas import Rate
from app.dashboards.success_figure import rate_of
from app.dashboards.view import View
from app.experiments.titles import method_title, task_title


class HeldOutRate(BaseModel):
    """The newest judged held-out trials; those of simulated and real arms are never one number."""

    iteration: int
    simulated: bool
    rate: Rate
    unlabelled: int


class OverviewRow(BaseModel):
    """One experiment."""

    id: int
    name: str
    task: str
    method: str
    seed: int
    status: str
    begun: int
    iterations: int
    held_out: list[HeldOutRate]
    trials: int
    """Executed, of every purpose and attempt."""
    arm_s: float | None
    """For which they took the arm; None where no trial's time was measured."""
    untimed: int
    """Trials of before their time was measured."""
    cell: str
    simulated: bool
    simulated_operator: bool
    creator: str
    created_at: datetime


class Overview(BaseModel):
    """The experiments of a view."""

    rows: list[OverviewRow]


def _best_rate(row: OverviewRow) -> tuple[bool, float]:
    rates = [each.rate.rate for each in row.held_out if each.rate.rate is not None]
    return bool(rates), max(rates, default=0.0)


SORTS: Final[dict[str, Callable[[OverviewRow], Any]]] = {
    "name": lambda row: row.name.lower(),
    "task": lambda row: (row.task.lower(), row.method.lower()),
    "method": lambda row: (row.method.lower(), row.task.lower()),
    "state": lambda row: row.status,
    "iteration": lambda row: (row.begun, row.iterations),
    "held_out": _best_rate,
    "trials": lambda row: row.trials,
    "arm_time": lambda row: row.arm_s or 0.0,
    "created": lambda row: row.created_at,
}
"""What each column of the overview is sorted by; "-" before its name: from the greatest to the least."""


def overview(repository: OverviewRepository, view: View, present: datetime) -> Overview:
    """The view's experiments, the newest first unless it says otherwise."""
    experiments = repository.experiments(view, view.since(present))
    begun, times = repository.begun_iterations(), repository.arm_times()
    counts: dict[int, list[HeldOutCount]] = defaultdict(list)
    for each in repository.newest_held_out([each.id for each in experiments]):
        counts[each.experiment_id].append(each)
    rows = [_row(each, begun.get(each.id, 0), counts[each.id], times.get(each.id)) for each in experiments]
    key = SORTS.get(view.sort.removeprefix("-"))
    if key is not None:
        rows.sort(key=key, reverse=view.sort.startswith("-"))
    return Overview(rows=rows)


def _row(
    experiment: PlainExperiment, begun: int, counts: Sequence[HeldOutCount], time: ArmTime | None
) -> OverviewRow:
    return OverviewRow(
        id=experiment.id,
        name=experiment.name,
        task=task_title(experiment.task),
        method=method_title(experiment.method),
        seed=experiment.seed,
        status=experiment.status,
        begun=begun,
        iterations=experiment.iterations,
        held_out=_held_out(counts),
        trials=time.trials if time else 0,
        arm_s=round(time.seconds, 1) if time and time.timed else None,
        untimed=time.trials - time.timed if time else 0,
        cell=experiment.cell,
        simulated=experiment.simulated,
        simulated_operator=experiment.operator == "simulated",
        creator=experiment.creator,
        created_at=experiment.created_at,
    )


def _held_out(counts: Sequence[HeldOutCount]) -> list[HeldOutRate]:
    states: dict[tuple[bool, int], dict[str, int]] = defaultdict(dict)
    for each in counts:
        states[each.simulated, each.iteration][each.state] = each.count
    return [
        HeldOutRate(
            iteration=iteration,
            simulated=simulated,
            rate=rate_of(found.get("success", 0), found.get("failure", 0)),
            unlabelled=found.get("unlabelled", 0),
        )
        for (simulated, iteration), found in sorted(states.items())
    ]
