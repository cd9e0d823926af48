"""The figures over all experiments by name: what each is made of, and the table of its numbers."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from app.dashboards.methods_table import MethodsTable, methods_table
from app.dashboards.number_table import NumberTable
from app.dashboards.overview import Overview, overview
from app.dashboards.overview_repository import OverviewRepository
from app.dashboards.studio_tables import day_table, method_numbers, operator_table, overview_table
from app.dashboards.view import View
from app.dashboards.work import label_figure, throughput_figure, up_time_figure, work_summary
from app.dashboards.work_repository import WorkRepository
from app.dashboards.work_schemas import DayFigure, WorkSummary
from app.platform.errors import NotFound

StudioFigureData = Overview | MethodsTable | DayFigure | WorkSummary


@dataclass(frozen=True)
class StudioFigure:
    """How a figure's data are gathered, as of a moment, and tabulated."""

    data: Callable[[Session, View, datetime], StudioFigureData]
    table: Callable[[Any], NumberTable]


def _methods(session: Session, view: View, present: datetime) -> MethodsTable:
    return methods_table(OverviewRepository(session), view, present, tested=True)


STUDIO_FIGURES = {
    "experiments": StudioFigure(
        lambda session, view, present: overview(OverviewRepository(session), view, present), overview_table
    ),
    "methods": StudioFigure(_methods, method_numbers),
    "labels": StudioFigure(
        lambda session, view, present: label_figure(WorkRepository(session), view, present), day_table
    ),
    "operators": StudioFigure(
        lambda session, view, present: work_summary(WorkRepository(session), view, present), operator_table
    ),
    "throughput": StudioFigure(
        lambda session, view, present: throughput_figure(WorkRepository(session), view, present), day_table
    ),
    "up_time": StudioFigure(
        lambda session, view, present: up_time_figure(WorkRepository(session), view, present), day_table
    ),
}


def studio_figure_named(name: str) -> StudioFigure:
    """Return a figure.

    Raises:
        NotFound: no such figure.
    """
    if name not in STUDIO_FIGURES:
        raise NotFound("figure", name)
    return STUDIO_FIGURES[name]
