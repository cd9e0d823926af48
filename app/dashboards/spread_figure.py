"""How a quantity of the trials is spread in each iteration: smoothness, margins, partial credit."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np

from app.dashboards.repository import DashboardRepository, MeasuredTrial
from app.dashboards.schemas import SpreadFigure, SpreadPanel, SpreadPoint, SpreadSeries
from app.dashboards.success_figure import FEW_TRIALS, SPLITS, series_order, series_title


@dataclass(frozen=True)
class Quantity:
    """Something that is measured of each trial.

    Attributes:
        name: of the field of `MeasuredTrial`
        title: for people
        unit: of its values; "" for shares and credits
        limit: a value that must not be passed, drawn as a line
    """

    name: str
    title: str
    unit: str
    limit: float | None


MOTION: Final = (
    Quantity("squared_jerk", "Squared jerk", "rad²/s⁵", None),
    Quantity("velocity_share", "Closest to the velocity limit", "share of the limit", 1.0),
    Quantity("acceleration_share", "Closest to the acceleration limit", "share of the limit", 1.0),
)
CREDIT: Final = (Quantity("score", "Partial credit", "of 1", 1.0),)


def motion_figure(repository: DashboardRepository) -> SpreadFigure:
    """Smoothness and limit margins of the motions that were commanded."""
    return _figure(repository.measured_trials(), MOTION, "No trial's motion was measured yet")


def credit_figure(repository: DashboardRepository) -> SpreadFigure:
    """The scores of the labels that stand, where operators told milestones."""
    return _figure(repository.measured_trials(), CREDIT, "No label tells milestones yet")


def _figure(trials: list[MeasuredTrial], quantities: Iterable[Quantity], nothing: str) -> SpreadFigure:
    panels = [_panel(trials, each) for each in quantities]
    return SpreadFigure(panels=[each for each in panels if each.series], nothing=nothing)


def _panel(trials: list[MeasuredTrial], quantity: Quantity) -> SpreadPanel:
    values: dict[tuple[str, bool], dict[int, list[float]]] = defaultdict(lambda: defaultdict(list))
    for trial in trials:
        value = getattr(trial, quantity.name)
        if value is not None:
            values[SPLITS[trial.purpose], trial.simulated][trial.iteration].append(value)
    return SpreadPanel(
        quantity=quantity.name,
        title=quantity.title,
        unit=quantity.unit,
        limit=quantity.limit,
        series=[
            SpreadSeries(
                split=split,  # pyright: ignore[reportArgumentType]  of SPLITS
                simulated=simulated,
                title=series_title(split, simulated),
                points=[_point(iteration, found) for iteration, found in sorted(by_iteration.items())],
            )
            for (split, simulated), by_iteration in sorted(
                values.items(), key=lambda each: series_order(*each[0])
            )
        ],
    )


def _point(iteration: int, values: list[float]) -> SpreadPoint:
    low, first, middle, third, high = np.percentile(values, [0, 25, 50, 75, 100]).tolist()
    return SpreadPoint(
        iteration=iteration,
        trials=len(values),
        mean=float(np.mean(values)),
        least=low,
        lower_quartile=first,
        median=middle,
        upper_quartile=third,
        greatest=high,
        few=len(values) < FEW_TRIALS,
    )
