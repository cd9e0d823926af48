"""Judging the trials of sessions."""

from typing import Annotated

from fastapi import Query
from sqlalchemy.orm import Session

from app.accounts.current_user import CurrentUser
from app.accounts.models import User
from app.api.resource_route import RowId, resource_router
from app.evaluations.blind_resources import (
    BlindQueuedResource,
    BlindQueueResource,
    BlindTrialResource,
    MotionResource,
)
from app.evaluations.label_queue import view_trials
from app.evaluations.labelling import BlindJudging
from app.evaluations.models import EvaluationSession
from app.evaluations.queue_repository import BlindQueue
from app.evaluations.repository import EvaluationRepository
from app.evaluations.review import motion_of
from app.platform.requests import JobsDep, SessionDep, SettingsDep
from app.trials.queue_api import Reserving
from app.trials.reservations import take
from app.trials.schemas import JudgementForm, LabelAnswer, WithdrawalForm

router = resource_router("Evaluations")


@router.get("/evaluations/{evaluation_id}/queue")
def get_evaluation_queue(
    evaluation_id: RowId,
    user: CurrentUser,
    session: SessionDep,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> BlindQueueResource:
    """The next trials that wait for who asks, in the order of the label page; nothing is held back."""
    row = EvaluationRepository(session).get(evaluation_id)
    return _queue(session, user, row, limit)


@router.post("/evaluations/{evaluation_id}/queue/reservations")
def reserve_evaluation_trials(
    evaluation_id: RowId, form: Reserving, user: CurrentUser, session: SessionDep
) -> BlindQueueResource:
    """The same, reserved: no other person's label page shows them until `POST /queue/leave`, or a minute."""
    row = EvaluationRepository(session).get(evaluation_id)
    return _queue(session, user, row, form.limit, form.page)


@router.get("/evaluations/{evaluation_id}/trials/{trial_id}")
def get_evaluation_trial(
    evaluation_id: RowId, trial_id: RowId, user: CurrentUser, session: SessionDep
) -> BlindTrialResource:
    """One trial of a session, told blind."""
    return _trial(session, user, evaluation_id, trial_id)


@router.get("/evaluations/{evaluation_id}/trials/{trial_id}/motion")
def get_evaluation_motion(
    evaluation_id: RowId, trial_id: RowId, session: SessionDep, settings: SettingsDep
) -> MotionResource:
    """How the arm moved, where the plan of the session shows it (`curves`), or once that is closed."""
    return MotionResource.of(motion_of(session, settings.artefacts, evaluation_id, trial_id))


@router.post("/evaluations/{evaluation_id}/trials/{trial_id}/labels")
def judge_evaluation_trial(
    evaluation_id: RowId,
    trial_id: RowId,
    form: JudgementForm,
    user: CurrentUser,
    session: SessionDep,
    jobs: JobsDep,
) -> BlindTrialResource:
    """Judge a trial, say more of one's judgement, or correct a label."""
    BlindJudging(session, jobs, evaluation_id).label(user, trial_id, form)
    return _trial(session, user, evaluation_id, trial_id)


@router.post("/evaluations/{evaluation_id}/labels/undo")
def take_evaluation_label_back(
    evaluation_id: RowId, form: WithdrawalForm, user: CurrentUser, session: SessionDep, jobs: JobsDep
) -> LabelAnswer:
    """Withdraw one's own label: of the trial that is named, or the last one of the session."""
    return BlindJudging(session, jobs, evaluation_id).take_back(user, form)


def _queue(
    session: Session, user: User, row: EvaluationSession, limit: int, page: str | None = None
) -> BlindQueueResource:
    """The queue as it is now, its trials reserved where a page is named."""
    queue = BlindQueue(session, user, row.id)
    closed = row.status == "closed"
    found = [] if closed else list(queue.waiting(limit))
    if page is not None:
        taken = take(session, [each.id for each in found], user.id, page)
        found = [each for each in found if each.id in taken]
    views = view_trials(session, row, found, user)
    return BlindQueueResource(
        waiting=0 if closed else sum(queue.counts().values()),
        elsewhere=queue.held_elsewhere(),
        items=[BlindQueuedResource.of(view, trial, row.id) for view, trial in zip(views, found, strict=True)],
    )


def _trial(session: Session, user: User, evaluation_id: int, trial_id: int) -> BlindTrialResource:
    evaluations = EvaluationRepository(session)
    row = evaluations.get(evaluation_id)
    return BlindTrialResource.of(evaluations.trial(evaluation_id, trial_id), row, user)
