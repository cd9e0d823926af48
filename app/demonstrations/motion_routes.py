"""Pages of motions that hands and files brought: import, the look before keeping, and the acts on them."""

from typing import Any, Literal

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy.orm import Session

from app.accounts.current_user import CurrentUser
from app.demonstrations.curves import motion_curves
from app.demonstrations.fit_preview import fit_preview
from app.demonstrations.import_form import SentImportDep, import_motion
from app.demonstrations.models import Motion
from app.demonstrations.motions import act_on_motion, keep, prepared, recording_of, start_image
from app.demonstrations.repository import DemonstrationRepository
from app.demonstrations.schemas import view_motion
from app.demonstrations.toast import toast
from app.experiments.models import Experiment
from app.experiments.repository import ExperimentRepository
from app.experiments.schemas import InvalidForm
from app.platform.pages import Pages
from app.platform.requests import JobsDep, PagesDep, SessionDep, SettingsDep
from app.platform.uploads import MOST_BYTES
from app.trials.repository import TrialRepository
from hndp_core.data.artefact_store import ArtefactStore
from hndp_core.data.demonstration_import import FILE_KINDS
from hndp_core.tasks import get_task

router = APIRouter()

SAID = {
    "trim": "The still ends are cut off.",
    "untrim": "The motion is whole again.",
    "bin": "The motion is in the bin.",
    "restore": "The motion is back.",
}


@router.get("/experiments/{experiment_id}/demonstrations/import")
def import_page(
    request: Request, experiment_id: int, session: SessionDep, pages: PagesDep, region: str = ""
) -> Response:
    experiment = ExperimentRepository(session).get(experiment_id)
    return _form_page(request, session, pages, experiment, {"region": region}, {})


@router.post("/experiments/{experiment_id}/demonstrations/import")
def import_file(
    request: Request,
    experiment_id: int,
    user: CurrentUser,
    session: SessionDep,
    settings: SettingsDep,
    pages: PagesDep,
    sent: SentImportDep,
) -> Response:
    experiment = ExperimentRepository(session).get(experiment_id)
    try:
        motion = import_motion(session, settings.artefacts, user, experiment, sent)
    except InvalidForm as problem:
        return _form_page(request, session, pages, experiment, sent.fields, problem.errors, 422)
    return RedirectResponse(f"/motions/{motion.id}", status_code=303)


@router.get("/motions/{motion_id}")
def show(
    request: Request, motion_id: int, session: SessionDep, settings: SettingsDep, pages: PagesDep
) -> Response:
    motion = DemonstrationRepository(session).motion(motion_id)
    return pages.render(request, "demonstrations/motion.html", _one(session, settings.artefacts, motion))


@router.get("/motions/{motion_id}/curves.json")
def curves(motion_id: int, session: SessionDep, settings: SettingsDep) -> dict[str, Any]:
    return motion_curves(settings.artefacts, DemonstrationRepository(session).motion(motion_id))


@router.post("/motions/{motion_id}/keep")
def keep_motion(motion_id: int, user: CurrentUser, session: SessionDep, jobs: JobsDep) -> Response:
    """Hand the motion to the arm, and go to the page of the demonstration that comes of it."""
    row = keep(session, jobs, user, motion_id)
    return Response(headers={"HX-Redirect": f"/demonstrations/{row.id}"})


@router.post("/motions/{motion_id}/{act}")
def act_on(
    request: Request,
    motion_id: int,
    act: Literal["trim", "untrim", "bin", "restore"],
    user: CurrentUser,
    session: SessionDep,
    settings: SettingsDep,
    pages: PagesDep,
) -> Response:
    motion = act_on_motion(session, user, motion_id, act)
    answer = pages.render(request, "demonstrations/motion.html", _one(session, settings.artefacts, motion))
    answer.headers.update(toast(SAID[act]))
    return answer


def _form_page(
    request: Request,
    session: Session,
    pages: Pages,
    experiment: Experiment,
    form: dict[str, str],
    errors: dict[str, str],
    status_code: int = 200,
) -> Response:
    context = {
        "experiment": experiment,
        "regions": [each for each in experiment.regions if each.split == "train"],
        "form": form,
        "errors": errors,
        "kinds": FILE_KINDS,
        "most_mb": MOST_BYTES // 2**20,
        "open": experiment.status == "draft",
        "waiting": sum(TrialRepository(session).waiting_counts(experiment.id).values()),
    }
    return pages.render(request, "demonstrations/import.html", context, status_code)


def _one(session: Session, store: ArtefactStore, motion: Motion) -> dict[str, Any]:
    experiment = motion.region.experiment
    recording = recording_of(store, motion)
    ready = prepared(motion, recording)
    task = get_task(experiment.task)
    return {
        "experiment": experiment,
        "motion": motion,
        "start_image": start_image(store, motion),
        "card": view_motion(motion),
        "recording": recording,
        "ready": ready,
        "rollout_s": task.rollout_length / task.control_rate_hz,
        "steps": task.rollout_length,
        "fit": fit_preview(experiment, ready.start, ready.commands),
        "takes": DemonstrationRepository(session).of_motion(motion.id),
        "open": experiment.status == "draft",
        "waiting": sum(TrialRepository(session).waiting_counts(experiment.id).values()),
    }
