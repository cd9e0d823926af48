"""The label page of a session, its labels, and the pages of its trials.

A page that is opened, or asks for more, reserves the trials that it is given: these GETs write, and commit.
"""

from secrets import token_hex
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from app.accounts.current_user import CurrentUser
from app.evaluations.label_queue import queue_signature, view_queue
from app.evaluations.labelling import BlindJudging
from app.evaluations.repository import EvaluationRepository
from app.evaluations.review import motion_of
from app.evaluations.trial_page import view_trial_page
from app.experiments.live_fragments import live_response
from app.platform.requests import (
    DatabaseDep,
    JobsDep,
    PagesDep,
    SessionDep,
    SettingsDep,
    WriteSessionDep,
)
from app.trials.page_share import Holder
from app.trials.queue_routes import Holding, Page
from app.trials.schemas import JudgementForm, LabelAnswer, WithdrawalForm
from hndp_core.tasks import get_task

router = APIRouter(prefix="/{session_id}")


@router.get("/label")
def label_page(
    request: Request, session_id: int, user: CurrentUser, session: WriteSessionDep, pages: PagesDep
) -> Response:
    row, page = EvaluationRepository(session).get(session_id), token_hex(16)
    base = f"/evaluations/{row.id}"
    context = {
        "row": row,
        "cell": row.cell,
        "experiment": None,
        "success_rule": get_task(row.task).success_rule,
        "page": page,
        "address": f"{base}/label",
        "query": "",
        "undo": f"{base}/labels/undo",
        "curves": row.shows_motion,
        "signature": queue_signature(session, user, row),
        **view_queue(session, Holder(user, page), row),
    }
    return pages.render(request, "evaluations/label.html", context)


@router.get("/label/queue")
def queue(
    request: Request,
    session_id: int,
    user: CurrentUser,
    session: WriteSessionDep,
    pages: PagesDep,
    page: Page,
    holding: Holding = None,
    first: int = 0,
) -> Response:
    """The queue as it is now, for a page that holds some trials already."""
    row = EvaluationRepository(session).get(session_id)
    context = {
        "signature": queue_signature(session, user, row),
        **view_queue(session, Holder(user, page), row, holding or (), first),
    }
    return pages.render(request, "trials/_queue.html", context)


@router.get("/label/events")
def queue_events(session_id: int, user: CurrentUser, session: SessionDep, database: DatabaseDep) -> Response:
    """Tells an open page that the queue has changed."""
    EvaluationRepository(session).get(session_id)

    def signature() -> dict[str, str]:
        with database.reading() as reading:
            row = EvaluationRepository(reading).get(session_id)
            return {"queue": queue_signature(reading, user, row)}

    return live_response(signature)


@router.post("/labels/undo")
def undo(
    session_id: int,
    form: Annotated[WithdrawalForm, Form()],
    user: CurrentUser,
    session: SessionDep,
    jobs: JobsDep,
) -> LabelAnswer:
    return BlindJudging(session, jobs, session_id).take_back(user, form)


@router.get("/trials/{trial_id}")
def trial(
    request: Request, session_id: int, trial_id: int, user: CurrentUser, session: SessionDep, pages: PagesDep
) -> Response:
    row = EvaluationRepository(session).get(session_id)
    return pages.render(request, "evaluations/trial.html", view_trial_page(session, row, trial_id, user))


@router.get("/trials/{trial_id}/review.json")
def review(session_id: int, trial_id: int, session: SessionDep, settings: SettingsDep) -> dict[str, Any]:
    """Joints and tip over time, where the session shows them."""
    return motion_of(session, settings.artefacts, session_id, trial_id)


@router.post("/trials/{trial_id}/labels")
def label(
    session_id: int,
    trial_id: int,
    form: Annotated[JudgementForm, Form()],
    user: CurrentUser,
    session: SessionDep,
    jobs: JobsDep,
) -> LabelAnswer:
    return BlindJudging(session, jobs, session_id).label(user, trial_id, form)
