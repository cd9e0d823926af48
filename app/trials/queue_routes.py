"""The label page: of one experiment, or of all; who holds which trial, and who is asked to judge what.

A page that is opened, or asks for more, reserves the trials that it is given: these GETs write, and commit.
"""

from secrets import token_hex
from typing import Annotated, Any

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy.orm import Session

from app.accounts.current_user import CurrentUser
from app.accounts.models import User
from app.experiments.live_fragments import live_response
from app.experiments.models import Experiment
from app.experiments.repository import ExperimentRepository
from app.platform.requests import DatabaseDep, PagesDep, SessionDep, WriteSessionDep
from app.trials.assignments import assign, assignments, take_back
from app.trials.label_queue import queue_signature, view_queue
from app.trials.page_share import Holder
from app.trials.queue_filter import FilterDep, choices, query_of
from app.trials.reservations import free_page
from app.trials.waiting import QueueFilter
from hndp_core.tasks import get_task

router = APIRouter()

Holding = Annotated[list[int] | None, Query()]
Page = Annotated[str, Query(pattern=r"^[0-9a-f]{32}$")]


@router.get("/label")
def label_all(
    request: Request, asked: FilterDep, user: CurrentUser, session: WriteSessionDep, pages: PagesDep
) -> Response:
    context = {
        "experiment": None,
        "asked": asked,
        "narrow": asked.is_narrow,
        "choices": choices(session, user),
        "assignments": assignments(session),
        **_page(session, user, asked, None),
    }
    return pages.render(request, "trials/label_all.html", context)


@router.get("/label/queue")
def queue_of_all(
    request: Request,
    asked: FilterDep,
    user: CurrentUser,
    session: WriteSessionDep,
    pages: PagesDep,
    page: Page,
    holding: Holding = None,
    first: int = 0,
) -> Response:
    """The queue as it is now, for a page that holds some trials already."""
    context = {
        "signature": queue_signature(session, user, asked),
        **view_queue(session, Holder(user, page), asked, None, holding or (), first),
    }
    return pages.render(request, "trials/_queue.html", context)


@router.get("/label/events")
def events_of_all(asked: FilterDep, user: CurrentUser, database: DatabaseDep) -> Response:
    """Tells an open page that the queue has changed."""
    return _news(database, user, asked)


@router.get("/experiments/{experiment_id}/label")
def label_page(
    request: Request, experiment_id: int, user: CurrentUser, session: WriteSessionDep, pages: PagesDep
) -> Response:
    experiment = ExperimentRepository(session).get(experiment_id)
    context = {
        "experiment": experiment,
        "success_rule": get_task(experiment.task).success_rule,
        **_page(session, user, QueueFilter(experiment_id), experiment),
    }
    return pages.render(request, "trials/label.html", context)


@router.get("/experiments/{experiment_id}/label/queue")
def queue(
    request: Request,
    experiment_id: int,
    user: CurrentUser,
    session: WriteSessionDep,
    pages: PagesDep,
    page: Page,
    holding: Holding = None,
    first: int = 0,
) -> Response:
    """The queue as it is now, for a page that holds some trials already."""
    experiment = ExperimentRepository(session).get(experiment_id)
    asked = QueueFilter(experiment_id)
    context = {
        "signature": queue_signature(session, user, asked),
        **view_queue(session, Holder(user, page), asked, experiment, holding or (), first),
    }
    return pages.render(request, "trials/_queue.html", context)


@router.get("/experiments/{experiment_id}/label/events")
def queue_events(
    experiment_id: int, user: CurrentUser, session: SessionDep, database: DatabaseDep
) -> Response:
    """Tells an open page that the queue has changed."""
    ExperimentRepository(session).get(experiment_id)
    return _news(database, user, QueueFilter(experiment_id))


@router.post("/label/leave")
def leave(user: CurrentUser, session: SessionDep, page: Annotated[str, Form(max_length=32)]) -> Response:
    """A page was closed: what it held is there for others."""
    free_page(session, user.id, page)
    return Response(status_code=204)


@router.post("/label/assignments")
def assign_trials(
    asked: FilterDep, user: CurrentUser, session: SessionDep, to: Annotated[int, Form()]
) -> Response:
    """Ask somebody to judge what the filter asks for: a whole experiment, or the trials that wait now."""
    assign(session, user, asked, to)
    return RedirectResponse(f"/label{query_of(asked)}", status_code=303)


@router.post("/label/assignments/{user_id}/take-back")
def take_back_assignment(user_id: int, session: SessionDep) -> Response:
    take_back(session, user_id)
    return RedirectResponse("/label", status_code=303)


def _page(session: Session, user: User, asked: QueueFilter, experiment: Experiment | None) -> dict[str, Any]:
    """What every label page needs when it is opened."""
    page = token_hex(16)
    return {
        "page": page,
        "address": f"/experiments/{experiment.id}/label" if experiment else "/label",
        "query": "" if experiment else query_of(asked),
        "undo": "/labels/undo",
        "curves": True,
        "signature": queue_signature(session, user, asked),
        **view_queue(session, Holder(user, page), asked, experiment),
    }


def _news(database: DatabaseDep, user: User, asked: QueueFilter) -> Response:
    def signature() -> dict[str, str]:
        with database.reading() as reading:
            return {"queue": queue_signature(reading, user, asked)}

    return live_response(signature)
