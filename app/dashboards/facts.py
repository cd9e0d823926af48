"""Counts of an experiment, what its labelling took, and what its training did."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from itertools import pairwise
from statistics import median
from typing import Final

from app.dashboards.repository import TRAINING_STEPS, DashboardRepository
from app.dashboards.schemas import Facts, TrainingFigure, TrainingTime

SAMPLE: Final = 2000
"""Times are taken from so many of the newest judgements: enough for a 90th percentile, and the same work
whatever the database holds."""

PAUSE_S: Final = 120.0
"""A longer gap between two labels is a pause, not the time that a label took."""


def facts(repository: DashboardRepository) -> Facts:
    """Count what there is.

    Raises:
        NotFound: no such experiment.
    """
    repository.experiment()
    executed, events = repository.executed_counts(), repository.event_counts()
    states: dict[str, int] = defaultdict(int)
    for each in repository.state_counts():
        states[each.state] += each.count
    gates = repository.gates()
    last = gates[-1].iteration if gates else None
    values = [gate.value for gate in gates if gate.iteration == last]
    return Facts(
        train_regions=sum(region.split == "train" for region in repository.regions()),
        demonstrations=repository.accepted_demonstrations(),
        local_trials=executed.get("local", 0),
        gate_trials=executed.get("gate", 0),
        held_out_trials=executed.get("held_out", 0),
        labelled=states["success"] + states["failure"],
        unlabelled=states["unlabelled"],
        withdrawn=events.get("withdrawn", 0),
        run_again=repository.superseded(),
        median_label_s=median_label_s(repository.label_times(SAMPLE)),
        open_gates=sum(values) if last is not None else None,
        gates=len(values),
        gates_of_iteration=last,
    )


def median_label_s(labels: Iterable[tuple[int, datetime]]) -> float | None:
    """Median time between consecutive labels of one author, in the order given; pauses are left out."""
    gaps = [
        (later - earlier).total_seconds()
        for (author, earlier), (next_author, later) in pairwise(labels)
        if author == next_author
    ]
    paces = [gap for gap in gaps if 0 <= gap <= PAUSE_S]
    return median(paces) if paces else None


def training_figure(repository: DashboardRepository) -> TrainingFigure:
    """Seconds of the training steps, by iteration."""
    seconds: dict[int, dict[str, float]] = defaultdict(dict)
    for run in repository.training_runs():
        seconds[run.iteration][run.kind] = (run.finished_at - run.started_at).total_seconds()
    rows = []
    for number, by_kind in sorted(seconds.items()):
        pretraining, local, overall = (by_kind.get(kind) for kind in TRAINING_STEPS)
        rows.append(
            TrainingTime(
                iteration=number,
                pretraining_s=pretraining,
                local_training_s=local,
                global_training_s=overall,
                total_s=None if overall is None else (local or 0.0) + overall,
            )
        )
    return TrainingFigure(rows=rows)
