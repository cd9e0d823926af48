"""Evaluation sessions: planning, conduct, blind labels, report."""

from collections.abc import Callable
from typing import Annotated, Literal

from fastapi import Query

from app.accounts.current_user import CurrentUser
from app.api.creation import MakerDep
from app.api.paging import Page, PagerDep
from app.api.resource_route import RowId, resource_router
from app.evaluations import service
from app.evaluations.label_api import router as label_router
from app.evaluations.models import EvaluationSession
from app.evaluations.planner_api import router as planner_router
from app.evaluations.progress import progress_of
from app.evaluations.report import view_report
from app.evaluations.report_resources import ReportResource
from app.evaluations.repository import EvaluationRepository
from app.evaluations.resources import EvaluationDetail, EvaluationPlan, EvaluationResource, PolicyResource
from app.evaluations.session_rubric import rubric_of_session
from app.platform.requests import JobsDep, SessionDep
from app.training.models import Policy

router = resource_router("Evaluations")
router.include_router(planner_router)

Status = Literal["draft", "running", "paused", "closed"]


@router.get("/policies")
def list_policies(
    session: SessionDep,
    pager: PagerDep,
    task: Annotated[str, Query(max_length=80, description="With its level.")] = "",
) -> Page[PolicyResource]:
    """Global policies, newest first: what a session can compare."""
    query = EvaluationRepository(session).selected_policies(task)
    return pager.page(pager.newest_first(session, query, Policy.id), PolicyResource.of)


@router.get("/evaluations")
def list_evaluations(
    session: SessionDep, pager: PagerDep, status: Status | None = None
) -> Page[EvaluationResource]:
    """All sessions, newest first."""
    query = EvaluationRepository(session).selected(status)
    return pager.page(pager.newest_first(session, query, EvaluationSession.id), EvaluationResource.of)


@router.post("/evaluations", status_code=201)
def create_evaluation(
    plan: EvaluationPlan, user: CurrentUser, session: SessionDep, maker: MakerDep
) -> EvaluationDetail:
    """Store a plan as a draft, with its letters and its order."""
    read = plan.read()
    made = maker.once(
        "evaluations",
        plan.model_dump_json().encode(),
        lambda: service.create_session(session, user, read).id,
    )
    return _present(session, made)


@router.get("/evaluations/{evaluation_id}")
def get_evaluation(evaluation_id: RowId, session: SessionDep) -> EvaluationDetail:
    """One session, told blind."""
    return _present(session, evaluation_id)


@router.delete("/evaluations/{evaluation_id}", status_code=204)
def discard_evaluation(evaluation_id: RowId, session: SessionDep) -> None:
    """Remove a draft; what was started stays."""
    service.discard(session, evaluation_id)


@router.post("/evaluations/{evaluation_id}/close")
def close_evaluation(
    evaluation_id: RowId, user: CurrentUser, session: SessionDep, jobs: JobsDep
) -> ReportResource:
    """End a session for good and reveal its letters: the answer is its report."""
    service.close(session, jobs, user, evaluation_id)
    return ReportResource.of(view_report(session, EvaluationRepository(session).get(evaluation_id)))


@router.post("/evaluations/{evaluation_id}/{act}")
def conduct_evaluation(
    evaluation_id: RowId, act: Literal["start", "pause", "resume"], session: SessionDep, jobs: JobsDep
) -> EvaluationDetail:
    """Begin, hold after the present trial, or go on."""
    acts: dict[str, Callable[..., object]] = {
        "start": service.start,
        "pause": service.pause,
        "resume": service.resume,
    }
    acts[act](session, jobs, evaluation_id)
    return _present(session, evaluation_id)


@router.get("/evaluations/{evaluation_id}/report")
def get_report(evaluation_id: RowId, session: SessionDep) -> ReportResource:
    """What a closed session found, with what its letters stood for."""
    return ReportResource.of(view_report(session, EvaluationRepository(session).get(evaluation_id)))


def _present(session: SessionDep, evaluation_id: int) -> EvaluationDetail:
    row = EvaluationRepository(session).get(evaluation_id)
    return EvaluationDetail.of(row, progress_of(session, row), rubric_of_session(session, row))


router.include_router(label_router)
