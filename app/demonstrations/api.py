"""Demonstrations: looking at them, recording, accepting, the bin; motions from files."""

from typing import Annotated, Literal

from fastapi import File, Form, UploadFile
from fastapi.responses import Response

from app.accounts.current_user import CurrentUser
from app.api.creation import MakerDep
from app.api.paging import Page, PagerDep
from app.api.record_links import ARRAYS_ANSWER, arrays_answer
from app.api.resource_route import RowId, resource_router
from app.demonstrations.curves import demonstration_curves, motion_curves
from app.demonstrations.import_form import SentImport, import_motion
from app.demonstrations.models import Demonstration, Motion
from app.demonstrations.motions import act_on_motion, keep
from app.demonstrations.repository import DemonstrationRepository
from app.demonstrations.resources import DemonstrationResource, MotionPreview, MotionResource, ReplayResource
from app.demonstrations.service import accept_all, act_on_demonstration, record_owed, replay
from app.experiments.curve_resources import JointCurves
from app.experiments.repository import ExperimentRepository
from app.platform.errors import NotFound
from app.platform.requests import JobsDep, SessionDep, SettingsDep

router = resource_router("Demonstrations")

Status = Literal["queued", "recording", "recorded", "accepted", "failed", "binned"]
MotionStatus = Literal["waiting", "kept", "binned"]


@router.get("/experiments/{experiment_id}/demonstrations")
def list_demonstrations(
    experiment_id: RowId, session: SessionDep, pager: PagerDep, status: Status | None = None
) -> Page[DemonstrationResource]:
    """Demonstrations of an experiment, those in the bin too, the oldest first."""
    ExperimentRepository(session).get(experiment_id)
    query = DemonstrationRepository(session).selected(experiment_id, status)
    return pager.page(pager.oldest_first(session, query, Demonstration.id), DemonstrationResource.of)


@router.post("/experiments/{experiment_id}/demonstrations/record-owed")
def record_owed_demonstrations(
    experiment_id: RowId, user: CurrentUser, session: SessionDep, jobs: JobsDep
) -> list[DemonstrationResource]:
    """Queue a demonstration by the teacher in each train region that owes one; the answer lists them."""
    queued = record_owed(session, jobs, user, experiment_id)
    return [_one(session, each.id) for each in queued]


@router.post("/experiments/{experiment_id}/demonstrations/accept-all")
def accept_all_demonstrations(experiment_id: RowId, session: SessionDep) -> list[DemonstrationResource]:
    """Accept what was recorded without a warning; the answer lists it."""
    return [_one(session, each.id) for each in accept_all(session, experiment_id)]


@router.get("/demonstrations/{demonstration_id}")
def get_demonstration(demonstration_id: RowId, session: SessionDep) -> DemonstrationResource:
    """One demonstration."""
    return _one(session, demonstration_id)


@router.get("/demonstrations/{demonstration_id}/record", responses=ARRAYS_ANSWER, response_class=Response)
def get_demonstration_record(demonstration_id: RowId, session: SessionDep, settings: SettingsDep) -> Response:
    """Commanded and measured joints with their times, as npz."""
    row = _recorded(session, demonstration_id)
    key = f"{row.artefact_key}/trajectory.npz"
    return arrays_answer(settings.artefacts, key, row.sha256, f"demonstration-{row.id}.npz")


@router.get("/demonstrations/{demonstration_id}/curves")
def get_demonstration_curves(
    demonstration_id: RowId, session: SessionDep, settings: SettingsDep
) -> JointCurves:
    """Joint positions [rad] over time [s], commanded, measured and fitted, with the limits."""
    row = DemonstrationRepository(session).get(demonstration_id)
    return JointCurves.model_validate(demonstration_curves(settings.artefacts, row))


@router.get("/demonstrations/{demonstration_id}/replay")
def get_last_replay(demonstration_id: RowId, session: SessionDep) -> ReplayResource:
    """How the last replay of a demonstration goes, or went."""
    rows = DemonstrationRepository(session)
    row = rows.last_replay(rows.get(demonstration_id).id)
    if row is None:
        raise NotFound("replay of demonstration", demonstration_id)
    return ReplayResource.of(row)


@router.post("/demonstrations/{demonstration_id}/replay", status_code=202)
def replay_demonstration(
    demonstration_id: RowId, user: CurrentUser, session: SessionDep, jobs: JobsDep
) -> ReplayResource:
    """Execute a demonstration once more on the arm."""
    return ReplayResource.of(replay(session, jobs, user, demonstration_id))


@router.post("/demonstrations/{demonstration_id}/{act}")
def change_demonstration(
    demonstration_id: RowId,
    act: Literal["accept", "redo", "bin", "restore"],
    user: CurrentUser,
    session: SessionDep,
    jobs: JobsDep,
) -> DemonstrationResource:
    """Accept it for training, put it into the bin, bring it back; or redo it: the answer is the new take."""
    return _one(session, act_on_demonstration(session, jobs, user, demonstration_id, act).id)


@router.get("/experiments/{experiment_id}/motions")
def list_motions(
    experiment_id: RowId, session: SessionDep, pager: PagerDep, status: MotionStatus | None = None
) -> Page[MotionResource]:
    """Motions of hands and files, the oldest first."""
    ExperimentRepository(session).get(experiment_id)
    rows = DemonstrationRepository(session)
    found = pager.oldest_first(session, rows.selected_motions(experiment_id, status), Motion.id)
    return pager.page(found, lambda row: MotionResource.of(row, rows))


@router.post("/experiments/{experiment_id}/motions", status_code=201)
def upload_motion(
    experiment_id: RowId,
    user: CurrentUser,
    session: SessionDep,
    settings: SettingsDep,
    maker: MakerDep,
    file: Annotated[UploadFile, File(description="npz, CSV, or a LeRobot v3 parquet file.")],
    region_id: Annotated[int, Form(description="The train region that it demonstrates.")],
    rate_hz: Annotated[str, Form(max_length=20, description="Where the file has no times.")] = "",
    episode: Annotated[str, Form(max_length=20, description="Which one of a data set.")] = "",
) -> MotionResource:
    """Read a motion from a file; it becomes a demonstration once it is kept."""
    experiment = ExperimentRepository(session).get(experiment_id)
    fields = {"region": str(region_id), "rate_hz": rate_hz.strip(), "episode": episode.strip()}
    sent = SentImport.of(fields, file.filename or "", file.file.read())
    made = maker.once(
        "motions",
        repr((experiment_id, fields)).encode() + sent.content,
        lambda: import_motion(session, settings.artefacts, user, experiment, sent).id,
    )
    return _motion(session, made)


@router.get("/motions/{motion_id}")
def get_motion(motion_id: RowId, session: SessionDep) -> MotionResource:
    """One motion."""
    return _motion(session, motion_id)


@router.get("/motions/{motion_id}/preview")
def preview_motion(motion_id: RowId, session: SessionDep, settings: SettingsDep) -> MotionPreview:
    """What becomes of a motion when the arm executes it, and how near a primitive comes."""
    motion = DemonstrationRepository(session).motion(motion_id)
    return MotionPreview.of(motion, settings.artefacts)


@router.get("/motions/{motion_id}/curves")
def get_motion_curves(motion_id: RowId, session: SessionDep, settings: SettingsDep) -> JointCurves:
    """Joint positions [rad] over time [s], as the arm will execute them, and fitted, with the limits."""
    motion = DemonstrationRepository(session).motion(motion_id)
    return JointCurves.model_validate(motion_curves(settings.artefacts, motion))


@router.post("/motions/{motion_id}/keep", status_code=202)
def keep_a_motion(
    motion_id: RowId, user: CurrentUser, session: SessionDep, jobs: JobsDep
) -> DemonstrationResource:
    """Hand a motion to the arm; the answer is the demonstration that comes of it."""
    return _one(session, keep(session, jobs, user, motion_id).id)


@router.post("/motions/{motion_id}/{act}")
def change_motion(
    motion_id: RowId,
    act: Literal["trim", "untrim", "bin", "restore"],
    user: CurrentUser,
    session: SessionDep,
) -> MotionResource:
    """Cut its still ends off, or take that back; put it into the bin, or bring it back."""
    return _motion(session, act_on_motion(session, user, motion_id, act).id)


def _one(session: SessionDep, demonstration_id: int) -> DemonstrationResource:
    return DemonstrationResource.of(DemonstrationRepository(session).get(demonstration_id))


def _motion(session: SessionDep, motion_id: int) -> MotionResource:
    rows = DemonstrationRepository(session)
    return MotionResource.of(rows.motion(motion_id), rows)


def _recorded(session: SessionDep, demonstration_id: int) -> Demonstration:
    """
    Raises:
        NotFound: no such demonstration, or it was not recorded yet.
    """
    row = DemonstrationRepository(session).get(demonstration_id)
    if row.artefact_key is None:
        raise NotFound("recording of demonstration", demonstration_id)
    return row
