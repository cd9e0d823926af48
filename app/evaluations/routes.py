"""Evaluation sessions: the planner, the list, and each session's own pages."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy.orm import Session
from starlette.datastructures import FormData

from app.accounts.current_user import CurrentUser
from app.evaluations import service
from app.evaluations.label_routes import router as label_router
from app.evaluations.models import EvaluationSession
from app.evaluations.origin import origin_of
from app.evaluations.planner import view_planner
from app.evaluations.progress import progress_of
from app.evaluations.report import view_report
from app.evaluations.repository import EvaluationRepository
from app.evaluations.schemas import DEFAULTS, InvalidPlan, read_plan
from app.evaluations.session_rubric import rubric_of_session
from app.experiments.live_fragments import live_response
from app.experiments.repository import ExperimentRepository
from app.platform.pages import Pages
from app.platform.requests import DatabaseDep, JobsDep, PagesDep, SessionDep
from hndp_core.tasks import get_task

router = APIRouter(prefix="/evaluations")
router.include_router(label_router)


async def sent_form(request: Request) -> FormData:
    return await request.form()


FormDep = Annotated[FormData, Depends(sent_form)]


@router.get("")
def listing(request: Request, session: SessionDep, pages: PagesDep) -> Response:
    evaluations = EvaluationRepository(session)
    context = {"rows": evaluations.newest_first(), "waiting": evaluations.unjudged_counts()}
    return pages.render(request, "evaluations/list.html", context)


@router.get("/planner")
def planner(request: Request, session: SessionDep, pages: PagesDep) -> Response:
    return pages.render(request, "evaluations/planner.html", view_planner(session, request.query_params))


@router.get("/new")
def new(request: Request, session: SessionDep, pages: PagesDep) -> Response:
    """The form; `layout` says whose regions it shows, the planner may bring further values."""
    return _form_page(request, session, pages, FormData(request.query_params), {})


@router.post("")
def create(
    request: Request, user: CurrentUser, session: SessionDep, pages: PagesDep, sent: FormDep
) -> Response:
    values = _texts(sent)
    try:
        plan = read_plan(values, _list(sent, "policies"), _list(sent, "regions"))
        row = service.create_session(session, user, plan)
    except InvalidPlan as problem:
        return _form_page(request, session, pages, sent, problem.errors, 422)
    return RedirectResponse(f"/evaluations/{row.id}", status_code=303)


@router.get("/{session_id}")
def show(request: Request, session_id: int, session: SessionDep, pages: PagesDep) -> Response:
    """How far the session is, told blind; once it is closed, its report."""
    row = EvaluationRepository(session).get(session_id)
    if row.status == "closed":
        return RedirectResponse(f"/evaluations/{session_id}/report", status_code=303)
    return pages.render(request, "evaluations/show.html", _overview(session, row))


@router.get("/{session_id}/events")
def events(session_id: int, session: SessionDep, database: DatabaseDep, pages: PagesDep) -> Response:
    """The progress of an open page, whenever it changes."""
    EvaluationRepository(session).get(session_id)

    def render() -> dict[str, str]:
        with database.reading() as reading:
            row = EvaluationRepository(reading).get(session_id)
            progress = progress_of(reading, row)
            return {"progress": pages.fragment("evaluations/_progress.html", row=row, progress=progress)}

    return live_response(render)


@router.post("/{session_id}/start")
def start(session_id: int, session: SessionDep, jobs: JobsDep) -> Response:
    return _back(service.start(session, jobs, session_id))


@router.post("/{session_id}/pause")
def pause(session_id: int, session: SessionDep, jobs: JobsDep) -> Response:
    return _back(service.pause(session, jobs, session_id))


@router.post("/{session_id}/resume")
def resume(session_id: int, session: SessionDep, jobs: JobsDep) -> Response:
    return _back(service.resume(session, jobs, session_id))


@router.post("/{session_id}/discard")
def discard(session_id: int, session: SessionDep) -> Response:
    service.discard(session, session_id)
    return RedirectResponse("/evaluations", status_code=303)


@router.post("/{session_id}/close")
def close(session_id: int, user: CurrentUser, session: SessionDep, jobs: JobsDep) -> Response:
    """Close and reveal."""
    service.close(session, jobs, user, session_id)
    return RedirectResponse(f"/evaluations/{session_id}/report", status_code=303)


@router.get("/{session_id}/report")
def report(request: Request, session_id: int, session: SessionDep, pages: PagesDep) -> Response:
    row = EvaluationRepository(session).get(session_id)
    return pages.render(request, "evaluations/report.html", view_report(session, row))


def _overview(session: Session, row: EvaluationSession) -> dict[str, Any]:
    return {
        "row": row,
        "cell": row.cell,
        "rubric": rubric_of_session(session, row),
        "progress": progress_of(session, row),
        "regions": EvaluationRepository(session).regions(row.id),
        "workspace": get_task(row.task).workspace,
    }


def _form_page(
    request: Request,
    session: Session,
    pages: Pages,
    sent: FormData,
    errors: dict[str, str],
    status_code: int = 200,
) -> Response:
    evaluations = EvaluationRepository(session)
    layouts = evaluations.layouts()
    asked = _texts(sent).get("layout", "")
    layout = next((each for each in layouts if str(each.id) == asked), layouts[0] if layouts else None)
    regions = _list(sent, "regions") if "regions" in sent else None
    context = {
        "form": {**DEFAULTS, **_texts(sent), "layout": str(layout.id) if layout else ""},
        "errors": errors,
        "layouts": layouts,
        "layout": layout,
        "policies": [(policy, origin_of(policy)) for policy in evaluations.policies(layout.task)]
        if layout
        else [],
        "chosen_policies": _list(sent, "policies"),
        "chosen_regions": regions,
        "workspace": get_task(layout.task).workspace if layout else None,
        "cells": ExperimentRepository(session).cells(),
    }
    return pages.render(request, "evaluations/new.html", context, status_code)


def _back(row: EvaluationSession) -> Response:
    return RedirectResponse(f"/evaluations/{row.id}", status_code=303)


def _texts(sent: FormData) -> dict[str, str]:
    return {name: text for name, text in sent.items() if isinstance(text, str)}


def _list(sent: FormData, name: str) -> list[str]:
    return [text for text in sent.getlist(name) if isinstance(text, str)]
