"""Labels, and the page of a trial."""

from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from app.accounts.current_user import CurrentUser
from app.platform.requests import JobsDep, PagesDep, SessionDep, SettingsDep
from app.trials.labelling import label_trial, undo_label
from app.trials.queue_routes import router as queue_router
from app.trials.rubric_routes import router as rubric_router
from app.trials.schemas import LabelAnswer, LabelForm, UndoForm
from app.trials.trial_motion import trial_curves, trial_review
from app.trials.trial_page import view_trial_page

router = APIRouter()
router.include_router(queue_router)
router.include_router(rubric_router)


@router.post("/trials/{trial_id}/labels")
def label(
    trial_id: int, form: Annotated[LabelForm, Form()], user: CurrentUser, session: SessionDep, jobs: JobsDep
) -> LabelAnswer:
    return label_trial(session, jobs, user, trial_id, form)


@router.post("/labels/undo")
def undo(
    form: Annotated[UndoForm, Form()], user: CurrentUser, session: SessionDep, jobs: JobsDep
) -> LabelAnswer:
    return undo_label(session, jobs, user, form)


@router.get("/trials/{trial_id}")
def show(
    request: Request, trial_id: int, user: CurrentUser, session: SessionDep, pages: PagesDep
) -> Response:
    return pages.render(request, "trials/show.html", view_trial_page(session, trial_id, user))


@router.get("/trials/{trial_id}/curves.json")
def curves(trial_id: int, session: SessionDep, settings: SettingsDep) -> dict[str, Any]:
    return trial_curves(session, settings.artefacts, trial_id)


@router.get("/trials/{trial_id}/review.json")
def review(trial_id: int, session: SessionDep, settings: SettingsDep) -> dict[str, Any]:
    return trial_review(session, settings.artefacts, trial_id)
