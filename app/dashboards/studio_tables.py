"""The numbers of the figures over all experiments as tables."""

from app.dashboards.methods_table import MethodsTable
from app.dashboards.number_table import NumberTable, robot_word
from app.dashboards.overview import HeldOutRate, Overview
from app.dashboards.work_schemas import DayFigure, WorkSummary

_RATE_DIGITS = 4


def overview_table(found: Overview) -> NumberTable:
    """A row for each experiment, and two for one with trials of both kinds of arm."""
    columns = (
        "experiment",
        "task",
        "method",
        "seed",
        "state",
        "iterations_begun",
        "iterations_planned",
        "robot",
        "held_out_iteration",
        "successes",
        "counted_trials",
        "success_rate",
        "wilson_95_low",
        "wilson_95_high",
        "not_labelled",
        "trials_executed",
        "arm_time_s",
        "trials_without_time",
        "cell",
        "operator",
        "made_by",
        "made_at_utc",
    )
    return NumberTable(
        columns,
        tuple(
            (
                row.name,
                row.task,
                row.method,
                row.seed,
                row.status,
                row.begun,
                row.iterations,
                robot_word(each.simulated if each else row.simulated),
                *_held_out(each),
                row.trials,
                row.arm_s,
                row.untimed,
                row.cell,
                "simulated" if row.simulated_operator else "human",
                row.creator,
                row.created_at,
            )
            for row in found.rows
            for each in (row.held_out or [None])
        ),
    )


def _held_out(found: HeldOutRate | None) -> tuple[int | float | None, ...]:
    if found is None:
        return (None,) * 7
    rate = found.rate
    return (
        found.iteration,
        rate.successes,
        rate.trials,
        None if rate.rate is None else round(rate.rate, _RATE_DIGITS),
        round(rate.low, _RATE_DIGITS),
        round(rate.high, _RATE_DIGITS),
        found.unlabelled,
    )


def method_numbers(found: MethodsTable) -> NumberTable:
    """A row for each method on each task."""
    columns = (
        "method",
        "task",
        "robot",
        "experiments",
        "successes",
        "trials",
        "success_rate",
        "wilson_95_low",
        "wilson_95_high",
        "not_labelled",
        "against",
        "test",
        "pairs",
        "this_only",
        "other_only",
        "p",
        "p_by_holm",
    )
    rows = []
    for row in found.rows:
        for column, cell in zip(found.columns, row.cells, strict=True):
            if cell is None:
                continue
            rate, test = cell.rate, cell.against
            told = (
                (found.base, test.test, test.pairs, test.this_only, test.base_only, test.p, test.adjusted_p)
                if test
                else (None,) * 7
            )
            rows.append(
                (
                    row.title,
                    column.task,
                    robot_word(column.simulated),
                    cell.experiments,
                    rate.successes,
                    rate.trials,
                    None if rate.rate is None else round(rate.rate, _RATE_DIGITS),
                    round(rate.low, _RATE_DIGITS),
                    round(rate.high, _RATE_DIGITS),
                    cell.unlabelled,
                    *told,
                )
            )
    return NumberTable(columns, tuple(rows))


def day_table(figure: DayFigure) -> NumberTable:
    """A row for each day of each row of bars that has something to tell."""
    return NumberTable(
        ("name", "what", "day_utc", "value", "unit", "in_words"),
        tuple(
            (row.title, row.note or None, bar.day, bar.value, figure.unit, bar.told)
            for row in figure.rows
            for bar in row.bars
            if bar.value is not None
        ),
    )


def operator_table(found: WorkSummary) -> NumberTable:
    """A row for each operator."""
    return NumberTable(
        ("operator", "what", "labels", "decisions_timed", "median_decision_s"),
        tuple(
            (
                each.name,
                "simulated" if each.simulated else None,
                each.labels,
                each.decisions,
                each.median_decision_s,
            )
            for each in found.operators
        ),
    )
