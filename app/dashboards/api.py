"""The numbers behind the figures of an experiment, and of all together."""

from typing import Any, Final, Literal

from fastapi.responses import Response

from app.api.resource_route import RowId, resource_router
from app.dashboards.experiment_routes import ChoiceDep
from app.dashboards.facts import facts
from app.dashboards.figures import FigureData, figure_named
from app.dashboards.number_table import NumberTable
from app.dashboards.repository import DashboardRepository
from app.dashboards.schemas import Facts
from app.dashboards.studio_figures import StudioFigureData, studio_figure_named
from app.dashboards.view import ViewDep
from app.platform.model import now
from app.platform.requests import SessionDep, SettingsDep

router = resource_router("Figures")

FigureName = Literal["success", "outcomes", "trajectories", "motion", "credit", "training"]
StudioFigureName = Literal["experiments", "methods", "labels", "operators", "throughput", "up_time"]

_CSV: Final[dict[int | str, dict[str, Any]]] = {
    200: {"content": {"text/csv": {"schema": {"type": "string"}}}}
}


@router.get("/figures/{figure}")
def get_studio_figure(figure: StudioFigureName, session: SessionDep, view: ViewDep) -> StudioFigureData:
    """Over all experiments: where each stands, methods beside each other, labels, work, cells. The query is
    the one of the dashboard's address."""
    return studio_figure_named(figure).data(session, view, now())


@router.get("/figures/{figure}/csv", response_class=Response, responses=_CSV)
def get_studio_table(figure: StudioFigureName, session: SessionDep, view: ViewDep) -> Response:
    """The same as a table."""
    made = studio_figure_named(figure)
    return _table(made.table(made.data(session, view, now())))


@router.get("/experiments/{experiment_id}/facts")
def get_facts(experiment_id: RowId, session: SessionDep) -> Facts:
    """Counts of an experiment: demonstrations, trials, labels, gates."""
    return facts(DashboardRepository(session, experiment_id))


@router.get("/experiments/{experiment_id}/figures/{figure}")
def get_figure(
    experiment_id: RowId, figure: FigureName, session: SessionDep, settings: SettingsDep, choice: ChoiceDep
) -> FigureData:
    """Success rates by iteration, the outcome map, trajectories in a region, how smooth motions were, partial
    credit, or what training took."""
    dashboard = DashboardRepository(session, experiment_id)
    dashboard.experiment()
    return figure_named(figure).data(dashboard, settings.artefacts, choice)


@router.get("/experiments/{experiment_id}/figures/{figure}/csv", response_class=Response, responses=_CSV)
def get_figure_table(
    experiment_id: RowId, figure: FigureName, session: SessionDep, settings: SettingsDep, choice: ChoiceDep
) -> Response:
    """The same as a table."""
    dashboard = DashboardRepository(session, experiment_id)
    dashboard.experiment()
    made = figure_named(figure)
    return _table(made.table(made.data(dashboard, settings.artefacts, choice)))


def _table(table: NumberTable) -> Response:
    return Response(table.to_csv(), media_type="text/csv", headers={"Cache-Control": "no-store"})
