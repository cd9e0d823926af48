"""How far a session is, told blind: counts over all letters together, and no outcome."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median
from typing import Final

from sqlalchemy.orm import Session

from app.evaluations.models import EvaluationSession
from app.evaluations.repository import EvaluationRepository
from app.evaluations.results import enough_evidence
from app.evaluations.run_states import run_states
from app.trials.agreement import Agreement, agreement_on

RECENT_TRIALS: Final = 200
FEWEST_TRIALS: Final = 5
LONGEST_BREAK: Final = timedelta(minutes=30)
"""Longer than this nobody resets a scene: the cell stood still."""


@dataclass(frozen=True)
class Progress:
    """What an open session may show.

    Attributes:
        planned: runs
        executed: of them
        judged: of them, with a label that counts
        waiting: executed, and a judgement is owed by anybody
        second_owed: of these, judged once, and to be judged by a second person
        disputed: of these, judged differently by two people: a third one is to settle it
        agreement: of the two who judge the same trials
        repeated: runs whose last attempt is not the first
        hours_left: for what is still to be run; None where the cell's rate is not known
        enough: a sequential session needs no further trial
    """

    planned: int
    executed: int
    judged: int
    waiting: int
    second_owed: int
    disputed: int
    agreement: Agreement
    repeated: int
    hours_left: float | None
    enough: bool

    @property
    def complete(self) -> bool:
        return self.judged == self.planned


def progress_of(session: Session, row: EvaluationSession) -> Progress:
    evaluations = EvaluationRepository(session)
    states = run_states(session, row.id)
    executed = sum(state.executed for state in states)
    agreement = agreement_on(evaluations.second_rated_trials(row.id))
    begun = sum(bool(state.owed) and state.label is not None for state in states)
    rate = trials_per_hour(evaluations.executed_times(row.cell_id, RECENT_TRIALS))
    return Progress(
        planned=len(states),
        executed=executed,
        judged=sum(state.judged for state in states),
        waiting=sum(bool(state.owed) for state in states),
        second_owed=begun - agreement.disputed,
        disputed=agreement.disputed,
        agreement=agreement,
        repeated=sum((state.attempt or 1) > 1 for state in states),
        hours_left=None if rate is None else (len(states) - executed) / rate,
        enough=row.status != "closed" and enough_evidence(row, states),
    )


def trials_per_hour(ends: Sequence[datetime]) -> float | None:
    """The pace of a cell, scene resets included: by the usual time from the end of a trial to the next one's.

    Args:
        ends: of the last trials, the latest first
    """
    gaps = [(later - earlier) for later, earlier in pairwise(ends)]
    worked = [gap.total_seconds() for gap in gaps if timedelta(0) < gap <= LONGEST_BREAK]
    return 3600 / median(worked) if len(worked) >= FEWEST_TRIALS else None
