"""The label queue, labels, and the page of a trial."""

from typing import Annotated, Any

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import Response

from app.accounts.current_user import CurrentUser
from app.experiments.live_fragments import live_response
from app.experiments.motion_curves import joint_curves, read_record
from app.experiments.repository import ExperimentRepository
from app.platform.errors import NotFound
from app.platform.requests import DatabaseDep, JobsDep, PagesDep, SessionDep, SettingsDep
from app.trials.label_queue import queue_signature, view_queue
from app.trials.labelling import label_trial, undo_label
from app.trials.repository import TrialRepository
from app.trials.schemas import LabelAnswer, LabelForm, UndoForm
from app.trials.trial_page import view_trial_page
from hndp_core.tasks import get_task

router = APIRouter()


@router.get("/experiments/{experiment_id}/label")
def label_page(
    request: Request, experiment_id: int, user: CurrentUser, session: SessionDep, pages: PagesDep
) -> Response:
    experiment = ExperimentRepository(session).get(experiment_id)
    task = get_task(experiment.task)
    context = {
        "experiment": experiment,
        "workspace": task.workspace,
        "success_rule": task.success_rule,
        "signature": queue_signature(session, experiment_id),
        **view_queue(session, experiment, user.id),
    }
    return pages.render(request, "trials/label.html", context)


@router.get("/experiments/{experiment_id}/label/queue")
def queue(
    request: Request,
    experiment_id: int,
    user: CurrentUser,
    session: SessionDep,
    pages: PagesDep,
    holding: Annotated[list[int] | None, Query()] = None,
    first: int = 0,
) -> Response:
    """The queue as it is now, for a page that holds some trials already."""
    experiment = ExperimentRepository(session).get(experiment_id)
    context = {
        "experiment": experiment,
        "workspace": get_task(experiment.task).workspace,
        "signature": queue_signature(session, experiment_id),
        **view_queue(session, experiment, user.id, holding or (), first),
    }
    return pages.render(request, "trials/_queue.html", context)


@router.get("/experiments/{experiment_id}/label/events")
def queue_events(experiment_id: int, session: SessionDep, database: DatabaseDep) -> Response:
    """Tells an open page that the queue has changed."""
    ExperimentRepository(session).get(experiment_id)

    def signature() -> dict[str, str]:
        with database.reading() as reading:
            return {"queue": queue_signature(reading, experiment_id)}

    return live_response(signature)


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
def show(request: Request, trial_id: int, session: SessionDep, pages: PagesDep) -> Response:
    return pages.render(request, "trials/show.html", view_trial_page(session, trial_id))


@router.get("/trials/{trial_id}/curves.json")
def curves(trial_id: int, session: SessionDep, settings: SettingsDep) -> dict[str, Any]:
    """Joint positions over time, commanded and measured."""
    trial = TrialRepository(session).get(trial_id)
    if trial.artefact_key is None:
        raise NotFound("record of trial", trial_id)
    record = read_record(settings.artefacts, f"{trial.artefact_key}/record.npz", trial.sha256)
    return joint_curves(record, get_task(trial.iteration.experiment.task))
