"""Trials and their labels."""

from typing import Annotated, Literal

from fastapi import Query
from fastapi.responses import Response

from app.accounts.current_user import CurrentUser
from app.api.paging import Page, PagerDep
from app.api.record_links import ARRAYS_ANSWER, arrays_answer
from app.api.resource_route import GREATEST_ID, RowId, resource_router
from app.experiments.curve_resources import JointCurves
from app.platform.requests import JobsDep, SessionDep, SettingsDep
from app.training.label_snapshot import label_hash
from app.trials.assignment_api import router as assignment_router
from app.trials.labelling import label_trial, undo_label
from app.trials.live_api import router as live_router
from app.trials.models import Trial
from app.trials.queue_api import router as queue_router
from app.trials.repository import TrialFilter, TrialRepository
from app.trials.resources import GroundTruth, MotionReview, TrialDetail, TrialResource
from app.trials.rubric_api import router as rubric_router
from app.trials.schemas import LabelAnswer, LabelForm, UndoForm
from app.trials.trial_motion import executed_trial, trial_curves, trial_review
from app.trials.trial_page import judgement_is_over

router = resource_router("Trials")

Number = Annotated[int | None, Query(ge=1, le=GREATEST_ID)]


@router.get("/trials")
def list_trials(
    user: CurrentUser,
    session: SessionDep,
    pager: PagerDep,
    experiment: Number = None,
    iteration: Number = None,
    region: Annotated[str, Query(max_length=40, description="Its name, such as T3.")] = "",
    purpose: Literal["local", "gate", "held_out"] | None = None,
    status: Literal["planned", "running", "executed", "cancelled"] | None = None,
    simulated: bool | None = None,
) -> Page[TrialResource]:
    """Trials of experiments, newest first. Those of evaluation sessions are found there, blind."""
    asked = TrialFilter(experiment, iteration, region, purpose, status, simulated)
    rows = pager.newest_first(session, TrialRepository(session).selected(asked), Trial.id)
    return pager.page(rows, lambda row: TrialResource.of(row, user))


@router.get("/trials/{trial_id}")
def get_trial(trial_id: RowId, user: CurrentUser, session: SessionDep) -> TrialDetail:
    """One trial with its labels."""
    trials = TrialRepository(session)
    row = trials.get(trial_id)
    gate = trials.gate_of(row) if row.iteration.experiment.refines else None
    truth = None
    if judgement_is_over(row):
        success, measures = trials.ground_truth(row.id)
        truth = GroundTruth(success=success, measures=measures)
    outdated = gate is not None and gate.label_hash != label_hash(session, gate.iteration_id, gate.region_id)
    value = None if gate is None else gate.value
    return TrialDetail.of(row, user, trials.next_attempt(row), value, truth, outdated=outdated)


@router.get("/trials/{trial_id}/record", responses=ARRAYS_ANSWER, response_class=Response)
def get_trial_record(trial_id: RowId, session: SessionDep, settings: SettingsDep) -> Response:
    """Commanded and measured joints with their times, as npz."""
    row = executed_trial(session, trial_id)
    return arrays_answer(
        settings.artefacts, f"{row.artefact_key}/record.npz", row.sha256, f"trial-{row.id}.npz"
    )


@router.get("/trials/{trial_id}/curves")
def get_trial_curves(trial_id: RowId, session: SessionDep, settings: SettingsDep) -> JointCurves:
    """Joint positions [rad] over time [s], commanded and measured, with the limits."""
    return JointCurves.model_validate(trial_curves(session, settings.artefacts, trial_id))


@router.get("/trials/{trial_id}/review")
def get_trial_review(trial_id: RowId, session: SessionDep, settings: SettingsDep) -> MotionReview:
    """Joints and the tool's tip over time, beside the region's demonstration."""
    return MotionReview.model_validate(trial_review(session, settings.artefacts, trial_id))


@router.post("/trials/{trial_id}/labels")
def give_label(
    trial_id: RowId, form: LabelForm, user: CurrentUser, session: SessionDep, jobs: JobsDep
) -> LabelAnswer:
    """Judge a trial, or correct its label. The same `request_key` sent again is stored once."""
    return label_trial(session, jobs, user, trial_id, form)


@router.post("/labels/undo")
def take_label_back(form: UndoForm, user: CurrentUser, session: SessionDep, jobs: JobsDep) -> LabelAnswer:
    """Withdraw one's own label: of the trial that is named, or the last one."""
    return undo_label(session, jobs, user, form)


for part in (queue_router, rubric_router, assignment_router, live_router):
    router.include_router(part)
