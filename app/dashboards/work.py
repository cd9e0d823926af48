"""What people and cells did: labels and how quickly they came, agreement, trials per hour, up-time."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from statistics import median
from typing import Final

import numpy as np

from app.dashboards.facts import PAUSE_S, SAMPLE
from app.dashboards.up_time import up_shares
from app.dashboards.view import View
from app.dashboards.work_repository import CellDay, Decision, LabelCount, WorkRepository
from app.dashboards.work_schemas import DayBar, DayFigure, DayRow, OperatorRow, WorkSummary
from app.trials.agreement import cohens_kappa

USUAL_DAYS: Final = 30
"""How far the pages about work look back unless they are asked for more."""

_SIMULATED: Final = {True: "simulated", False: ""}


def looked_back(view: View) -> int:
    """Number of days that a view of work is about."""
    return view.days or USUAL_DAYS


def label_figure(repository: WorkRepository, view: View, present: datetime) -> DayFigure:
    """Labels by operator and day."""
    days = _days(view, present)
    counts: dict[str, dict[str, int]] = defaultdict(dict)
    simulated: dict[str, bool] = {}
    for each in repository.label_counts(view, days[0]):
        counts[each.author][each.day] = each.count
        simulated[each.author] = each.simulated
    rows = [
        DayRow(
            title=author,
            note=_SIMULATED[simulated[author]],
            total=_counted(sum(by_day.values()), "label"),
            bars=[
                DayBar(day=day, value=by_day.get(day), told=_counted(by_day.get(day, 0), "label"))
                for day in days
            ],
        )
        for author, by_day in sorted(counts.items())
    ]
    return _figure("labels", "labels per day", days, rows)


def throughput_figure(repository: WorkRepository, view: View, present: datetime) -> DayFigure:
    """Trials per hour of each cell, day by day."""
    days = _days(view, present)
    cells: dict[tuple[str, bool], dict[str, CellDay]] = defaultdict(dict)
    for each in repository.cell_days(view, days[0]):
        cells[each.cell, each.simulated][each.day] = each
    rows = [
        DayRow(
            title=cell,
            note=_SIMULATED[simulated],
            total=_rate(list(by_day.values())),
            bars=[
                DayBar(day=day, value=round(did.trials / did.hours, 2), told=_told(did))
                if (did := by_day.get(day))
                else DayBar(day=day, value=None, told="no trial")
                for day in days
            ],
        )
        for (cell, simulated), by_day in sorted(cells.items())
    ]
    return _figure("trials per hour", "trials/h", days, rows)


def up_time_figure(repository: WorkRepository, view: View, present: datetime) -> DayFigure:
    """Share of each day for which a cell's process ran, by its heartbeats."""
    days = _days(view, present)
    runs: dict[str, list[tuple[datetime, datetime]]] = defaultdict(list)
    for each in repository.cell_runs(_midnight(days[0])):
        runs[each.name].append((each.started_at, each.seen_at))
    first = repository.first_starts()
    rows = []
    for cell, simulated in repository.cells(view):
        name = f"cell-{cell}"  # as its process is called
        if name not in first:
            continue
        edges = [*map(_midnight, days), present]
        shares = up_shares(runs[name], first[name], edges)
        (whole,) = up_shares(runs[name], first[name], [edges[0], present])
        bars = [
            DayBar(day=day, value=None if share is None else round(100 * share, 2), told=_up(share))
            for day, share in zip(days, shares, strict=True)
        ]
        rows.append(DayRow(title=cell, note=_SIMULATED[simulated], total=_up(whole), bars=bars))
    figure = _figure("up-time", "%", days, rows)
    return figure.model_copy(update={"greatest": 100.0})


def work_summary(repository: WorkRepository, view: View, present: datetime) -> WorkSummary:
    """Counts of the period, and times and agreement of its newest judgements."""
    since = present - timedelta(days=looked_back(view))
    counts = repository.label_counts(view, _days(view, present)[0])
    decisions = repository.newest_decisions(since, SAMPLE)
    wanted = repository.experiment_ids(view) if view.is_narrow else None
    paces = decision_times(decisions, wanted)
    waits = waiting_times(decisions, wanted)
    pairs = repository.judgement_pairs(view, since, SAMPLE)
    cell_days = repository.cell_days(view, _days(view, present)[0])
    hours = sum(each.hours for each in cell_days)
    everybody = [pace for each in paces.values() for pace in each]
    return WorkSummary(
        labels=sum(each.count for each in counts),
        sample=SAMPLE,
        decisions=len(everybody),
        median_decision_s=_rounded(median(everybody)) if everybody else None,
        first_labels=len(waits),
        median_wait_s=_rounded(median(waits)) if waits else None,
        p90_wait_s=_rounded(float(np.percentile(waits, 90))) if waits else None,
        pairs=len(pairs),
        alike=sum(first == second for first, second in pairs),
        kappa=cohens_kappa(pairs),
        trials=sum(each.trials for each in cell_days),
        trials_per_hour=_rounded(sum(each.trials for each in cell_days) / hours) if hours else None,
        operators=_operators(counts, paces),
    )


def decision_times(decisions: Sequence[Decision], experiments: set[int] | None) -> Mapping[int, list[float]]:
    """By author: seconds from each decision before to the next, pauses left out.

    Args:
        decisions: of all experiments, the newest first
        experiments: those whose decisions count; None: all. What came before one counts wherever it was.
    """
    times: dict[int, list[float]] = defaultdict(list)
    later: dict[int, Decision] = {}
    for each in decisions:
        after = later.get(each.author_id)
        if after is not None and (experiments is None or after.experiment_id in experiments):
            seconds = (after.at - each.at).total_seconds()
            if seconds <= PAUSE_S:
                times[each.author_id].append(seconds)
        later[each.author_id] = each
    return times


def waiting_times(decisions: Iterable[Decision], experiments: set[int] | None) -> list[float]:
    """Seconds from the end of a trial to its first label."""
    return [
        (each.at - each.executed_at).total_seconds()
        for each in decisions
        if each.first
        and each.executed_at is not None
        and (experiments is None or each.experiment_id in experiments)
    ]


def _operators(counts: Sequence[LabelCount], paces: Mapping[int, list[float]]) -> list[OperatorRow]:
    labels: dict[int, int] = defaultdict(int)
    names: dict[int, LabelCount] = {}
    for each in counts:
        labels[each.author_id] += each.count
        names[each.author_id] = each
    return [
        OperatorRow(
            name=names[author].author,
            simulated=names[author].simulated,
            labels=count,
            decisions=len(paces.get(author, ())),
            median_decision_s=_rounded(median(paces[author])) if paces.get(author) else None,
        )
        for author, count in sorted(labels.items(), key=lambda each: -each[1])
    ]


def _figure(quantity: str, unit: str, days: list[str], rows: list[DayRow]) -> DayFigure:
    values = [bar.value for row in rows for bar in row.bars if bar.value is not None]
    return DayFigure(quantity=quantity, unit=unit, greatest=max(values, default=1.0), days=days, rows=rows)


def _days(view: View, present: datetime) -> list[str]:
    """The days of the period up to the present one, in UTC."""
    today = present.astimezone(UTC).date()
    return [(today - timedelta(days=back)).isoformat() for back in reversed(range(looked_back(view)))]


def _midnight(day: str) -> datetime:
    return datetime.combine(date.fromisoformat(day), datetime.min.time(), UTC)


def _rate(days: Sequence[CellDay]) -> str:
    trials, hours = sum(each.trials for each in days), sum(each.hours for each in days)
    return f"{trials / hours:.1f} per hour" if hours else "no trial"


def _told(day: CellDay) -> str:
    words = f"{_rate([day])}: {_counted(day.trials, 'trial')} in {_counted(day.hours, 'hour')}"
    return f"{words}, {day.arm_s / day.timed:.0f} s of the arm each" if day.timed else words


def _up(share: float | None) -> str:
    return "not known" if share is None else f"up {100 * share:.1f} % of the time"


def _counted(count: int, what: str) -> str:
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


def _rounded(value: float) -> float:
    return round(value, 2)
