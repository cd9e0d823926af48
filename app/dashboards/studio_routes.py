"""The dashboards over all experiments: overview, methods, work; their figures as JSON, CSV and tables."""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlalchemy.orm import Session

from app.dashboards.json_answer import json_of
from app.dashboards.methods_table import methods_table
from app.dashboards.overview import overview
from app.dashboards.overview_repository import OverviewRepository
from app.dashboards.studio_figures import StudioFigureData, studio_figure_named
from app.dashboards.view import View, ViewDep, choices
from app.dashboards.work import work_summary
from app.dashboards.work_repository import WorkRepository
from app.experiments.live_fragments import live_response
from app.platform.model import now
from app.platform.requests import DatabaseDep, PagesDep, SessionDep

router = APIRouter(prefix="/dashboards")


@router.get("")
def show_overview(request: Request, session: SessionDep, pages: PagesDep, view: ViewDep) -> Response:
    found = overview(OverviewRepository(session), view, now())
    return pages.render(request, "dashboards/overview.html", {**_frame(session, view), "overview": found})


@router.get("/rows")
def rows(request: Request, session: SessionDep, pages: PagesDep, view: ViewDep) -> Response:
    """The overview's table alone, for a page that follows the news."""
    found = overview(OverviewRepository(session), view, now())
    return pages.render(request, "dashboards/_overview.html", {"view": view, "overview": found})


@router.get("/methods")
def show_methods(request: Request, session: SessionDep, pages: PagesDep, view: ViewDep) -> Response:
    """The table without its tests, which may take seconds: the page asks for it anew, with them."""
    found = methods_table(OverviewRepository(session), view, now(), tested=False)
    return pages.render(request, "dashboards/methods.html", {**_frame(session, view), "methods": found})


@router.get("/methods/table")
def tested_methods(request: Request, session: SessionDep, pages: PagesDep, view: ViewDep) -> Response:
    found = methods_table(OverviewRepository(session), view, now(), tested=True)
    return pages.render(request, "dashboards/_methods.html", {"view": view, "methods": found, "tested": True})


@router.get("/work")
def show_work(request: Request, session: SessionDep, pages: PagesDep, view: ViewDep) -> Response:
    found = work_summary(WorkRepository(session), view, now())
    context = {**_frame(session, view), "work": found}
    return pages.render(request, "dashboards/work.html", context)


@router.get("/work/summary")
def summary(request: Request, session: SessionDep, pages: PagesDep, view: ViewDep) -> Response:
    found = work_summary(WorkRepository(session), view, now())
    return pages.render(request, "dashboards/_work.html", {"view": view, "work": found})


@router.get("/events")
def events(database: DatabaseDep) -> Response:
    """Tells when something has changed that a dashboard shows; the page then asks for it."""

    def render() -> dict[str, str]:
        with database.reading() as session:
            return {"changed": OverviewRepository(session).state()}

    return live_response(render)


@router.get("/{figure}.json", response_model=StudioFigureData)
def data(figure: str, session: SessionDep, view: ViewDep) -> Response:
    return json_of(studio_figure_named(figure).data(session, view, now()))


@router.get("/{figure}.csv")
def csv_file(figure: str, session: SessionDep, view: ViewDep) -> Response:
    made = studio_figure_named(figure)
    return Response(
        made.table(made.data(session, view, now())).to_csv(),
        media_type="text/csv",
        headers={
            "Content-Disposition": f'attachment; filename="studio-{figure}.csv"',
            "Cache-Control": "no-store",
        },
    )


@router.get("/{figure}/numbers")
def numbers(request: Request, figure: str, session: SessionDep, pages: PagesDep, view: ViewDep) -> Response:
    """The table behind a figure."""
    made = studio_figure_named(figure)
    table = made.table(made.data(session, view, now()))
    return pages.render(request, "dashboards/_numbers.html", {"table": table, "rows": table.rows, "every": 1})


def _frame(session: Session, view: View) -> dict[str, Any]:
    """What every dashboard over all experiments has around it."""
    return {
        "view": view,
        "choices": choices(session),
        "state": OverviewRepository(session).state(),
    }
