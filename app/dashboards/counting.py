"""Which trials count, and as what: the one definition behind every rate, map and table of the studio.

A planned trial (iteration, purpose, region, repeat) may be run several times: an `invalid` label plans its
next attempt. What it counts as is decided by its last attempt and that attempt's last label event:

- `success`, `failure`: the last event says so. Only these count: n is their number, k that of successes.
- `unlabelled`: executed, and never labelled or the label was withdrawn. Not a failure; counted apart.
- `invalid`: judged invalid, and to be run again. Not counted.
- `pending`: planned or under way. `cancelled`: will not be run. Neither is counted.

Every valid trial counts for itself, also where several in one region decide its gate by majority. `hndp run`
counts the same way: successes over the trials labelled success or failure.
"""

from typing import Final, Literal

from sqlalchemy import Subquery, and_, case, func, select

from app.training.models import Iteration
from app.trials.models import LabelEvent, Trial

TrialState = Literal["success", "failure", "unlabelled", "invalid", "pending", "cancelled"]
STATES: Final[tuple[TrialState, ...]] = (
    "success",
    "failure",
    "unlabelled",
    "invalid",
    "pending",
    "cancelled",
)
JUDGED: Final = ("gate", "held_out")
"""Purposes whose trials are judged: those that set gates, and those that only measure."""


def current_trials(experiment_id: int) -> Subquery:
    """The last attempts of an experiment's judged trials, each with its state and the event that made it.

    Columns: trial_id, number (of the iteration), region_id, purpose, repeat, attempt, simulated, state,
    event_id (null where no label stands).
    """
    attempts = (
        select(
            Trial.id.label("trial_id"),
            Iteration.number,
            Trial.region_id,
            Trial.purpose,
            Trial.repeat,
            Trial.attempt,
            Trial.simulated,
            Trial.status,
            func.row_number()
            .over(
                partition_by=(Trial.iteration_id, Trial.purpose, Trial.region_id, Trial.repeat),
                order_by=Trial.attempt.desc(),
            )
            .label("from_last"),
        )
        .join(Iteration, Trial.iteration_id == Iteration.id)
        .where(Iteration.experiment_id == experiment_id, Trial.purpose.in_(JUDGED))
        .subquery()
    )
    last_event = (
        select(LabelEvent.trial_id, func.max(LabelEvent.id).label("event_id"))
        .where(LabelEvent.trial_id.in_(select(attempts.c.trial_id)))
        .group_by(LabelEvent.trial_id)
        .subquery()
    )
    stands = and_(LabelEvent.id == last_event.c.event_id, LabelEvent.outcome != "withdrawn")
    state = case(
        (attempts.c.status == "cancelled", "cancelled"),
        (attempts.c.status != "executed", "pending"),
        (LabelEvent.outcome.is_(None), "unlabelled"),
        else_=LabelEvent.outcome,
    )
    return (
        select(
            attempts.c.trial_id,
            attempts.c.number,
            attempts.c.region_id,
            attempts.c.purpose,
            attempts.c.repeat,
            attempts.c.attempt,
            attempts.c.simulated,
            state.label("state"),
            LabelEvent.id.label("event_id"),
        )
        .select_from(attempts)
        .outerjoin(last_event, last_event.c.trial_id == attempts.c.trial_id)
        .outerjoin(LabelEvent, stands)
        .where(attempts.c.from_last == 1)
        .subquery()
    )
