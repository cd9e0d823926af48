"""One trial of a session as its page shows it: whose policy it tried is told once the session is closed."""

from typing import Any

from sqlalchemy.orm import Session

from app.accounts.models import User
from app.evaluations.label_queue import address_of, review_of, run_title
from app.evaluations.models import EvaluationSession
from app.evaluations.repository import EvaluationRepository
from app.evaluations.session_rubric import rubric_of_session
from app.trials.judgement import is_disputed, owed_by, owes_second_rating, standing_label
from app.trials.queued_trial import record_urls, scene_urls
from hndp_core.tasks import get_task
from hndp_core.tasks.camera_format import FRAME_INTERVAL


def view_trial_page(session: Session, row: EvaluationSession, trial_id: int, user: User) -> dict[str, Any]:
    """Everything about one trial. Who is to judge it independently is not told what the first one said.

    Raises:
        NotFound: no such trial in the session.
    """
    evaluations = EvaluationRepository(session)
    trial, closed = evaluations.trial(row.id, trial_id), row.status == "closed"
    label, again = standing_label(trial), evaluations.next_attempt(trial)
    owed = owed_by(trial, user) if trial.status == "executed" and not closed else None
    run = trial.planned_run
    assert run is not None
    return {
        "row": row,
        "cell": row.cell,
        "trial": trial,
        "address": address_of(row, trial),
        "run": run_title(trial),
        "letter": run.candidate.letter if closed else None,
        "label": None if owed == "second" else label,
        "labels": [] if owed == "second" else trial.labels,
        "owed": owed,
        "second_owed": not closed and owes_second_rating(trial),
        "disputed": not closed and is_disputed(trial),
        "rubric": rubric_of_session(session, row),
        "next_attempt": again,
        "can_label": owed not in ("second", "settled")
        and not closed
        and trial.status == "executed"
        and again is None,
        **scene_urls(trial),
        "files": record_urls(trial),
        "review": review_of(row, trial),
        "frame_s": FRAME_INTERVAL / get_task(row.task).control_rate_hz,
    }
