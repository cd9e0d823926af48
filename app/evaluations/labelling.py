"""Judging evaluation trials, blind: nothing here reads whose policy a trial tried. The caller commits."""

import secrets
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy.orm import Session

from app.accounts.models import User
from app.cells.record_routes import record_url
from app.evaluations.models import EvaluationSession
from app.evaluations.repository import EvaluationRepository
from app.evaluations.schemas import JudgementForm
from app.platform.durable import Jobs
from app.platform.errors import Conflict
from app.trials.models import LabelEvent, Trial
from hndp_core.tasks import get_task

DECISIONS: Final = 10


@dataclass(frozen=True)
class BlindTrial:
    """A trial as those see it who must not know whose policy it tried.

    Attributes:
        seen: id of the last label event, 0 for none
        request_key: of the judgement that its page may send
    """

    id: int
    region: Any
    attempt: int
    label: str | None
    seen: int
    request_key: str
    video: str | None
    start: str | None
    first: str | None
    last: str | None
    refusal: str | None
    slow_down: float | None
    simulated: bool


def judge(
    session: Session, jobs: Jobs, author: User, session_id: int, trial_id: int, form: JudgementForm
) -> None:
    """Judge a trial, correct its label, or withdraw it.

    Raises:
        NotFound: no such trial in the session.
        Conflict: it cannot be judged (any more), or somebody else has judged it meanwhile.
    """
    evaluations = EvaluationRepository(session)
    row = evaluations.locked(session_id)
    trial = evaluations.trial(session_id, trial_id)
    stored = evaluations.label_of_request(form.request_key)
    if stored is not None:
        if (stored.trial_id, stored.author_id, stored.outcome) != (trial_id, author.id, form.outcome):
            raise Conflict("This page was used for another label: reload it and judge again.")
        return  # asked twice
    _check_open(evaluations, row, trial)
    last = trial.labels[-1] if trial.labels else None
    if form.seen != (last.id if last else 0):
        raise Conflict(f"The trial in {trial.region.name} was judged meanwhile: reload the page.")
    session.add(
        LabelEvent(trial_id=trial.id, author_id=author.id, outcome=form.outcome, request_key=form.request_key)
    )
    session.flush()
    jobs.evaluation_changed(session, session_id)


def view_queue(session: Session, row: EvaluationSession, user: User) -> dict[str, Any]:
    """The trial to be judged next, the last decisions, and which of them `user` may take back."""
    evaluations = EvaluationRepository(session)
    states = evaluations.run_states(row.id)
    waiting = [state.trial_id for state in states if state.executed and state.label is None]
    chosen = next((each for each in waiting if each is not None), None)
    decisions = evaluations.decisions(row.id, DECISIONS)
    own = next((event for event in decisions if event.author_id == user.id), None)
    return {
        "undo": own if own is not None and evaluations.next_attempt(own.trial) is None else None,
        "undo_key": secrets.token_urlsafe(16),
        "row": row,
        "cell": row.cell,
        "trial": view_trial(evaluations.trial(row.id, chosen)) if chosen is not None else None,
        "waiting": len(waiting),
        "to_come": sum(state.status in (None, "planned", "running") for state in states),
        "decisions": [
            {
                "event": event,
                "picture": record_url(event.trial.artefact_key, event.trial.sha256, "last.jpg"),
            }
            for event in decisions
        ],
        "regions": evaluations.regions(row.id),
        "workspace": get_task(row.task).workspace,
        "success_rule": get_task(row.task).success_rule,
    }


def view_trial(trial: Trial) -> BlindTrial:
    files = {
        file: record_url(trial.artefact_key, trial.sha256, file)
        for file in ("video.mp4", "start.png", "first.jpg", "last.jpg")
    }
    last = trial.labels[-1] if trial.labels else None
    return BlindTrial(
        id=trial.id,
        region=trial.region,
        attempt=trial.attempt,
        label=last.outcome if last and last.outcome != "withdrawn" else None,
        seen=last.id if last else 0,
        request_key=secrets.token_urlsafe(16),
        video=files["video.mp4"],
        start=files["start.png"],
        first=files["first.jpg"],
        last=files["last.jpg"],
        refusal=trial.refusal,
        slow_down=trial.slow_down,
        simulated=trial.simulated,
    )


def view_trial_page(session: Session, row: EvaluationSession, trial_id: int) -> dict[str, Any]:
    """One trial with its labels; whose policy it tried, once the session is closed."""
    evaluations = EvaluationRepository(session)
    trial = evaluations.trial(row.id, trial_id)
    assert trial.planned_run is not None
    return {
        "row": row,
        "cell": row.cell,
        "trial": view_trial(trial),
        "labels": trial.labels,
        "again": evaluations.next_attempt(trial),
        "letter": trial.planned_run.candidate.letter if row.status == "closed" else None,
    }


def _check_open(evaluations: EvaluationRepository, row: EvaluationSession, trial: Trial) -> None:
    if row.status == "closed":
        raise Conflict("The session is closed: its letters are known, so its labels stay as they are.")
    if trial.status != "executed":
        raise Conflict(
            f"The trial in {trial.region.name} was not run yet: it comes when the arm has done it."
        )
    if evaluations.next_attempt(trial) is not None:
        raise Conflict(
            f"The trial in {trial.region.name} was judged invalid and is run again: judge that one."
        )
