"""The label queue of a blind session as its page shows it: nothing here reads whose policy a trial tried."""

from collections.abc import Collection
from typing import Any

from sqlalchemy.orm import Session

from app.accounts.models import User
from app.evaluations.models import EvaluationSession
from app.evaluations.queue_repository import BlindQueue
from app.evaluations.repository import EvaluationRepository
from app.evaluations.session_rubric import rubric_of_session
from app.evaluations.what_next import next_in_session
from app.trials.decisions import DECISIONS, Decision, decision
from app.trials.label_queue import Tally
from app.trials.models import LabelEvent, Trial
from app.trials.page_share import Holder, Share, share_of
from app.trials.queued_trial import QueuedTrial, queued_trial


def view_queue(
    session: Session, holder: Holder, row: EvaluationSession, holding: Collection[int] = (), first: int = 0
) -> dict[str, Any]:
    """What the page needs: further trials for it to hold, what is left, and the last decisions.

    Those that the page holds, and those that it is given, are reserved for it. Once the session is closed
    there is nothing to judge, and the decisions of everybody are shown.

    Args:
        session: of a transaction that is committed
        holder: whose page it is
        row: the session
        holding: trials that the page has already, or whose labels are on their way
        first: a trial that shall come first; 0 for none
    """
    user, closed = holder.user, row.status == "closed"
    queue = BlindQueue(session, user, row.id)
    share = Share([], []) if closed else share_of(session, queue, holder, holding, first)
    left = 0 if closed else sum(queue.counts().values())
    decided = EvaluationRepository(session).decisions(row.id, DECISIONS, None if closed else user.id)
    return {
        "trials": view_trials(session, row, share.further, user),
        "still_waiting": share.kept,
        "tallies": [Tally("evaluation", left, "waits for a label" if left == 1 else "wait for a label")],
        "left": left,
        "elsewhere": queue.held_elsewhere(),
        "repeated": 0 if closed else queue.repeated_count(),
        "decisions": [_decision(session, row, each) for each in decided],
        "alone": True,
        "frozen": closed,
        "change_rule": "What somebody else has judged is changed with a reason, on the page of its trial.",
        "next": next_in_session(queue, row),
    }


def queue_signature(session: Session, user: User, row: EvaluationSession) -> str:
    """A text that changes whenever the page of the queue does."""
    queue = BlindQueue(session, user, row.id)
    parts = (
        row.status,
        EvaluationRepository(session).newest_label(row.id),
        queue.executed_count(),
        queue.repeated_count(),
        queue.held_elsewhere(),
    )
    return "/".join(str(each) for each in parts)


def view_trials(
    session: Session, row: EvaluationSession, trials: Collection[Trial], user: User
) -> list[QueuedTrial]:
    """Trials of a session for who is to judge them."""
    if not trials:
        return []
    regions, rubric = EvaluationRepository(session).regions(row.id), rubric_of_session(session, row)
    return [
        queued_trial(
            trial,
            user,
            row.task,
            address=address_of(row, trial),
            experiment=None,
            iteration=None,
            regions=regions,
            rubric=rubric,
            purpose_title="blind trial: only measures",
            run=run_title(trial),
            review=review_of(row, trial),
        )
        for trial in trials
    ]


def address_of(row: EvaluationSession, trial: Trial) -> str:
    """Of the page of a trial."""
    return f"/evaluations/{row.id}/trials/{trial.id}"


def review_of(row: EvaluationSession, trial: Trial) -> str | None:
    """Address of the motion of a trial, where who judges it may see that."""
    return f"{address_of(row, trial)}/review.json" if row.shows_motion else None


def run_title(trial: Trial) -> str:
    """Which attempt it is, where there are several."""
    return f"attempt {trial.attempt}, after an invalid one" if trial.attempt > 1 else ""


def _decision(session: Session, row: EvaluationSession, event: LabelEvent) -> Decision:
    again = event.outcome == "invalid" and EvaluationRepository(session).next_attempt(event.trial) is not None
    said = [event.author.name] if row.status == "closed" else []
    return decision(event, address_of(row, event.trial), said, run_again=again)
