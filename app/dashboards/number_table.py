"""The numbers of each figure as a table: for the page behind the figure, and as a CSV file."""

import csv
from dataclasses import dataclass
from datetime import UTC, datetime
from io import StringIO

from app.dashboards.schemas import (
    OutcomeMap,
    SpreadFigure,
    SuccessFigure,
    TrainingFigure,
    TrajectoryFigure,
)

Cell = str | int | float | datetime | None
_FORMULA = ("=", "+", "-", "@")
_RATE_DIGITS = 4
_UNITS = ("s", "m", "deg", "rad")


@dataclass(frozen=True)
class NumberTable:
    """Rows under columns whose names are words joined by "_", with their unit at the end."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]

    @property
    def heads(self) -> tuple[str, ...]:
        """The columns' names for people: "local training [s]"."""
        return tuple(_head(column) for column in self.columns)

    def to_csv(self) -> str:
        """One line of names, then the rows. Text that a spreadsheet would run as a formula is quoted by '."""
        text = StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(self.columns)
        writer.writerows([_written(cell) for cell in row] for row in self.rows)
        return text.getvalue()


def success_table(figure: SuccessFigure) -> NumberTable:
    return NumberTable(
        (
            "iteration",
            "split",
            "robot",
            "successes",
            "trials",
            "success_rate",
            "wilson_95_low",
            "wilson_95_high",
            "not_labelled",
            "invalid",
            "not_run",
        ),
        tuple(
            (
                point.iteration,
                series.split,
                robot_word(series.simulated),
                point.successes,
                point.trials,
                round(point.rate, _RATE_DIGITS) if point.rate is not None else None,
                round(point.low, _RATE_DIGITS),
                round(point.high, _RATE_DIGITS),
                point.unlabelled,
                point.invalid,
                point.pending,
            )
            for series in figure.series
            for point in series.points
        ),
    )


def outcome_table(figure: OutcomeMap) -> NumberTable:
    return NumberTable(
        (
            "iteration",
            "region",
            "subject",
            "split",
            "x_m",
            "y_m",
            "demonstration",
            "repeat",
            "attempt",
            "trial_id",
            "robot",
            "outcome",
            "labelled_by",
            "labelled_at_utc",
            "gate",
            "gate_outdated",
        ),
        tuple(
            (
                cell.iteration,
                row.region,
                row.subject,
                row.split,
                row.x_m,
                row.y_m,
                row.demonstration,
                trial.repeat,
                trial.attempt,
                trial.trial_id,
                robot_word(trial.simulated),
                trial.state,
                trial.author,
                trial.labelled_at,
                cell.gate,
                _yes_no(cell.gate_outdated) if cell.gate is not None else None,
            )
            for row in figure.rows
            for cell in row.cells
            for trial in cell.trials
        ),
    )


def trajectory_table(figure: TrajectoryFigure) -> NumberTable:
    """A column per curve and joint; curves of different lengths end with empty cells."""
    named = [
        (f"{curve.source}_joint_{number}_{figure.unit}", joint)
        for curve in figure.curves
        for number, joint in enumerate(curve.joints, start=1)
    ]
    times = max((curve.time_s for curve in figure.curves), key=len, default=[])
    return NumberTable(
        ("time_s", *(name for name, _ in named)),
        tuple(
            (time, *(angles[at] if at < len(angles) else None for _, angles in named))
            for at, time in enumerate(times)
        ),
    )


def training_table(found: TrainingFigure) -> NumberTable:
    return NumberTable(
        ("iteration", "pretraining_s", "local_training_s", "global_training_s", "local_and_global_s"),
        tuple(
            (each.iteration, *(_seconds(value) for value in seconds))
            for each in found.rows
            for seconds in [(each.pretraining_s, each.local_training_s, each.global_training_s, each.total_s)]
        ),
    )


def spread_table(figure: SpreadFigure) -> NumberTable:
    return NumberTable(
        (
            "quantity",
            "unit",
            "iteration",
            "split",
            "robot",
            "trials",
            "mean",
            "least",
            "lower_quartile",
            "median",
            "upper_quartile",
            "greatest",
        ),
        tuple(
            (
                panel.quantity,
                panel.unit,
                point.iteration,
                series.split,
                robot_word(series.simulated),
                point.trials,
                *(
                    float(f"{value:.6g}")
                    for value in (
                        point.mean,
                        point.least,
                        point.lower_quartile,
                        point.median,
                        point.upper_quartile,
                        point.greatest,
                    )
                ),
            )
            for panel in figure.panels
            for series in panel.series
            for point in series.points
        ),
    )


def _head(column: str) -> str:
    *name, last = column.split("_")
    return f"{' '.join(name)} [{last}]" if name and last in _UNITS else " ".join([*name, last])


def robot_word(simulated: bool) -> str:
    """In tables: simulated and real robots are told apart in every row."""
    return "simulated" if simulated else "real"


def _yes_no(value: bool) -> str:
    return "yes" if value else "no"


def _seconds(value: float | None) -> float | None:
    return round(value, 1) if value is not None else None


def _written(cell: Cell) -> str | int | float:
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return cell.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    if isinstance(cell, str) and cell.startswith(_FORMULA):
        return f"'{cell}"
    return cell
