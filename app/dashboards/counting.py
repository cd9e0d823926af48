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

from sqlalchemy import ColumnElement, Subquery, and_, case, exists, func, select
from sqlalchemy.orm import aliased

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
    """The judged trials of one experiment: see `current_trials_of`."""
    return current_trials_of(Iteration.experiment_id == experiment_id)


def current_trials_of(wanted: ColumnElement[bool]) -> Subquery:
    """The last attempts of judged trials, each with its state and the event that made it.

    Looks at every event of every trial that is wanted: ask for the trials of few iterations or of one
    experiment, never for all.

    Args:
        wanted: a condition on trials and their iterations

    Returns:
        columns trial_id, experiment_id, number (of the iteration), region_id, purpose, repeat, attempt,
        simulated, state, event_id (null where no label stands)
    """
    later, event = aliased(Trial), aliased(LabelEvent)
    replaced = (
        exists()
        .where(
            later.iteration_id == Trial.iteration_id,
            later.purpose == Trial.purpose,
            later.region_id == Trial.region_id,
            later.repeat == Trial.repeat,
            later.attempt > Trial.attempt,
        )
        .correlate(Trial)
    )
    counting = and_(event.trial_id == Trial.id, event.rating != "second")
    last_event = select(func.max(event.id)).where(counting).correlate(Trial)
    stands = and_(
        LabelEvent.trial_id == Trial.id,  # said as well, so that PostgreSQL looks at this trial's events only
        LabelEvent.id == last_event.scalar_subquery(),
        LabelEvent.outcome != "withdrawn",
    )
    state = case(
        (Trial.status == "cancelled", "cancelled"),
        (Trial.status != "executed", "pending"),
        (LabelEvent.outcome.is_(None), "unlabelled"),
        else_=LabelEvent.outcome,
    )
    return (
        select(
            Trial.id.label("trial_id"),
            Iteration.experiment_id,
            Iteration.number,
            Trial.region_id,
            Trial.purpose,
            Trial.repeat,
            Trial.attempt,
            Trial.simulated,
            state.label("state"),
            LabelEvent.id.label("event_id"),
        )
        .join(Iteration, Trial.iteration_id == Iteration.id)
        .outerjoin(LabelEvent, stands)
        .where(wanted, Trial.purpose.in_(JUDGED), ~replaced)
        .subquery()
    )
