"""The figures by name: what each is made of, and the table of its numbers."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from app.dashboards.facts import training_figure
from app.dashboards.number_table import (
    NumberTable,
    outcome_table,
    spread_table,
    success_table,
    training_table,
    trajectory_table,
)
from app.dashboards.outcome_map import outcome_map
from app.dashboards.repository import DashboardRepository
from app.dashboards.schemas import (
    AngleUnit,
    OutcomeMap,
    SpreadFigure,
    SuccessFigure,
    TrainingFigure,
    TrajectoryFigure,
)
from app.dashboards.spread_figure import credit_figure, motion_figure
from app.dashboards.success_figure import success_figure
from app.dashboards.trajectory_figure import trajectory_figure
from app.platform.errors import NotFound
from hndp_core.data.artefact_store import ArtefactStore

FigureData = SuccessFigure | OutcomeMap | TrajectoryFigure | SpreadFigure | TrainingFigure


@dataclass(frozen=True)
class Choice:
    """What the selectors say; without an iteration the last one, without a region the first."""

    iteration: int | None = None
    region: int | None = None
    unit: AngleUnit = "deg"


@dataclass(frozen=True)
class Figure:
    """How a figure's data are gathered and tabulated."""

    data: Callable[[DashboardRepository, ArtefactStore, Choice], FigureData]
    table: Callable[[Any], NumberTable]


def _trajectories(repository: DashboardRepository, store: ArtefactStore, choice: Choice) -> TrajectoryFigure:
    return trajectory_figure(
        repository, store, region_id=choice.region, iteration=choice.iteration, unit=choice.unit
    )


FIGURES = {
    "success": Figure(lambda repository, *_: success_figure(repository), success_table),
    "outcomes": Figure(lambda repository, *_: outcome_map(repository), outcome_table),
    "trajectories": Figure(_trajectories, trajectory_table),
    "motion": Figure(lambda repository, *_: motion_figure(repository), spread_table),
    "credit": Figure(lambda repository, *_: credit_figure(repository), spread_table),
    "training": Figure(lambda repository, *_: training_figure(repository), training_table),
}


def figure_named(name: str) -> Figure:
    """Return a figure.

    Raises:
        NotFound: no such figure.
    """
    if name not in FIGURES:
        raise NotFound("figure", name)
    return FIGURES[name]
