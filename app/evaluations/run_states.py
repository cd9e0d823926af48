"""How the planned runs of a session stand, in few columns: for pages that look again and again."""

from typing import NamedTuple

from sqlalchemy import and_, exists, select
from sqlalchemy.orm import Session, aliased

from app.evaluations.models import Candidate, PlannedRun
from app.trials.models import LabelEvent, Trial
from app.trials.waiting import BLIND_PURPOSES, last_event, waits_for


class RunState(NamedTuple):
    """How a planned run stands: its last attempt, and that attempt's label, which no second rating is.

    Attributes:
        owed: whether it was run, and anybody's judgement of it is owed: the first, a second, or a third where
            two disagree
    """

    position: int
    block: int
    letter: str
    region_id: int
    trial_id: int | None
    attempt: int | None
    status: str | None
    owed: bool | None
    outcome: str | None
    score: float | None
    failure_mode: str | None
    note: str | None

    @property
    def executed(self) -> bool:
        return self.status == "executed"

    @property
    def label(self) -> str | None:
        """success, failure or invalid; None where no label stands."""
        return None if self.outcome == "withdrawn" else self.outcome

    @property
    def judged(self) -> bool:
        """Whether it counts: everybody who was to judge it has, and nobody disagrees."""
        return self.label in ("success", "failure") and not self.owed


def run_states(session: Session, session_id: int) -> list[RunState]:
    """How all planned runs of a session stand, in their order."""
    later = aliased(Trial)
    replaced = exists().where(later.planned_run_id == Trial.planned_run_id, later.attempt > Trial.attempt)
    rows = session.execute(
        select(
            PlannedRun.position,
            PlannedRun.block,
            Candidate.letter,
            PlannedRun.region_id,
            Trial.id,
            Trial.attempt,
            Trial.status,
            waits_for(None, BLIND_PURPOSES),
            LabelEvent.outcome,
            LabelEvent.score,
            LabelEvent.failure_mode,
            LabelEvent.note,
        )
        .join(Candidate, PlannedRun.candidate_id == Candidate.id)
        .outerjoin(Trial, and_(Trial.planned_run_id == PlannedRun.id, ~replaced.correlate(Trial)))
        .outerjoin(LabelEvent, LabelEvent.id == last_event(LabelEvent.id, second=False))
        .where(PlannedRun.session_id == session_id)
        .order_by(PlannedRun.position)
    )
    return [RunState(*row) for row in rows]
