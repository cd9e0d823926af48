"""Labels, and the page of a trial."""

from typing import Annotated, Any

import numpy as np
from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from app.accounts.current_user import CurrentUser
from app.experiments.motion_curves import joint_curves, read_record
from app.platform.errors import NotFound
from app.platform.requests import JobsDep, PagesDep, SessionDep, SettingsDep
from app.platform.settings import Settings
from app.trials.labelling import label_trial, undo_label
from app.trials.models import Trial
from app.trials.motion_review import motion_review
from app.trials.queue_routes import router as queue_router
from app.trials.repository import TrialRepository
from app.trials.rubric_routes import router as rubric_router
from app.trials.schemas import LabelAnswer, LabelForm, UndoForm
from app.trials.trial_page import view_trial_page
from hndp_core.tasks import get_task

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
    """Joint positions over time, commanded and measured."""
    trial = TrialRepository(session).get(trial_id)
    return joint_curves(_record(trial, settings), get_task(trial.iteration.experiment.task))


@router.get("/trials/{trial_id}/review.json")
def review(trial_id: int, session: SessionDep, settings: SettingsDep) -> dict[str, Any]:
    """Joints and tip over time, beside the demonstration of the same region."""
    trials = TrialRepository(session)
    trial = trials.get(trial_id)
    record = _record(trial, settings)
    task = get_task(trial.iteration.experiment.task)
    shown = trials.demonstration_in(trial.region_id)
    demonstration = None
    if shown is not None:
        demonstration = read_record(settings.artefacts, f"{shown.artefact_key}/trajectory.npz", shown.sha256)
    return motion_review(record, demonstration, task, in_picture=trial.simulated)


def _record(trial: Trial, settings: Settings) -> dict[str, np.ndarray]:
    """
    Raises:
        NotFound: it was not run yet.
    """
    if trial.artefact_key is None:
        raise NotFound("record of trial", trial.id)
    return read_record(settings.artefacts, f"{trial.artefact_key}/record.npz", trial.sha256)
