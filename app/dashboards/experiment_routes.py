"""The dashboard of an experiment: its page, its figures as JSON, CSV and tables, and its news."""

import re
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import Response

from app.dashboards.facts import facts
from app.dashboards.figures import Choice, FigureData, figure_named
from app.dashboards.json_answer import json_of
from app.dashboards.repository import DashboardRepository
from app.dashboards.schemas import AngleUnit
from app.experiments.live_fragments import live_response
from app.experiments.pages import experiment_head
from app.platform.requests import DatabaseDep, PagesDep, SessionDep, SettingsDep
from hndp_core.tasks import get_task

router = APIRouter(prefix="/experiments/{experiment_id}/dashboard")

SHOWN_ROWS = 40
"""Rows of a table on the page, about; the CSV file has all."""


def read_choice(
    iteration: Annotated[int | None, Query(ge=1)] = None,
    region: Annotated[int | None, Query(ge=1)] = None,
    unit: AngleUnit = "deg",
) -> Choice:
    return Choice(iteration, region, unit)


def open_dashboard(experiment_id: int, session: SessionDep) -> DashboardRepository:
    """Queries of one experiment.

    Raises:
        NotFound: no such experiment.
    """
    repository = DashboardRepository(session, experiment_id)
    repository.experiment()
    return repository


ChoiceDep = Annotated[Choice, Depends(read_choice)]
DashboardDep = Annotated[DashboardRepository, Depends(open_dashboard)]
Joint = Annotated[int | None, Query(ge=1)]


@router.get("")
def show(
    request: Request,
    experiment_id: int,
    session: SessionDep,
    dashboard: DashboardDep,
    pages: PagesDep,
    choice: ChoiceDep,
    joint: Joint = None,
) -> Response:
    experiment, head = experiment_head(session, experiment_id)
    context = {
        "experiment": experiment,
        "head": head,
        "facts": facts(dashboard),
        "state": dashboard.state(),
        "file": _file_name(experiment.name),
        "iterations": dashboard.iterations(),
        "regions": dashboard.regions(),
        "joints": range(1, get_task(experiment.task).dof + 1),
        "choice": choice,
        "joint": joint,
    }
    return pages.render(request, "dashboards/show.html", context)


@router.get("/events")
def events(experiment_id: int, dashboard: DashboardDep, database: DatabaseDep) -> Response:
    """Tells when something has changed that a figure shows; the page then asks for the figures."""

    def render() -> dict[str, str]:
        with database.reading() as session:
            return {"changed": DashboardRepository(session, experiment_id).state()}

    return live_response(render)


@router.get("/facts")
def counts(request: Request, dashboard: DashboardDep, pages: PagesDep) -> Response:
    context = {"facts": facts(dashboard), "experiment": dashboard.experiment()}
    return pages.render(request, "dashboards/_facts.html", context)


@router.get("/{figure}.json", response_model=FigureData)
def data(figure: str, dashboard: DashboardDep, settings: SettingsDep, choice: ChoiceDep) -> Response:
    return json_of(figure_named(figure).data(dashboard, settings.artefacts, choice))


@router.get("/{figure}.csv")
def csv_file(figure: str, dashboard: DashboardDep, settings: SettingsDep, choice: ChoiceDep) -> Response:
    made = figure_named(figure)
    table = made.table(made.data(dashboard, settings.artefacts, choice))
    name = f"{_file_name(dashboard.experiment().name)}-{figure}.csv"
    return Response(
        table.to_csv(),
        media_type="text/csv",
        headers={"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"},
    )


@router.get("/{figure}/numbers")
def numbers(
    request: Request,
    figure: str,
    dashboard: DashboardDep,
    settings: SettingsDep,
    pages: PagesDep,
    choice: ChoiceDep,
) -> Response:
    """The table behind a figure; of many rows of a motion every so many."""
    made = figure_named(figure)
    table = made.table(made.data(dashboard, settings.artefacts, choice))
    every = max(1, len(table.rows) // SHOWN_ROWS) if figure == "trajectories" else 1
    context = {"table": table, "rows": table.rows[::every], "every": every}
    return pages.render(request, "dashboards/_numbers.html", context)


def _file_name(name: str) -> str:
    """The experiment's name as every file system takes it."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-") or "experiment"
