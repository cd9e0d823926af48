"""Which trials wait for whom, as conditions of the database; the same rules as in `app.trials.judgement`."""

from collections.abc import Collection
from dataclasses import dataclass, fields
from typing import Any, Final, Literal

from sqlalchemy import ColumnElement, ScalarSelect, and_, exists, func, or_, select

from app.accounts.models import User
from app.experiments.models import Experiment, Region
from app.training.models import Iteration
from app.trials.judgement import SETTLING_ROLES
from app.trials.models import Assignment, LabelEvent, Trial

LABELLED_PURPOSES: Final = ("gate", "held_out")
"""Purposes of the trials that people judge, in the order of the queue: gates hold up the next iteration."""

BLIND_PURPOSES: Final = ("evaluation",)
"""Those of evaluation sessions are judged too, but there alone: they are in no other queue."""


@dataclass(frozen=True)
class QueueFilter:
    """Which trials a label page is about; what is None or empty is not asked for.

    Attributes:
        experiment_id: trials of one experiment.
        task: of one task at all its levels, by its name.
        purpose: "gate" or "held_out".
        region: name of a region, such as "T3".
        arm: "simulated" or "real".
        assigned_to: id of the user to whom they are assigned.
    """

    experiment_id: int | None = None
    task: str = ""
    purpose: str = ""
    region: str = ""
    arm: Literal["", "simulated", "real"] = ""
    assigned_to: int | None = None

    @property
    def is_narrow(self) -> bool:
        """Whether anything is asked for."""
        return any(getattr(self, each.name) for each in fields(self))

    def condition(self) -> ColumnElement[bool]:
        """On trials joined with their iteration, experiment and region."""
        asked: list[ColumnElement[bool]] = [Experiment.binned_at.is_(None)]
        if self.experiment_id is not None:
            asked.append(Iteration.experiment_id == self.experiment_id)
        else:
            asked.append(Experiment.status != "cancelled")
        if self.task:
            asked.append(or_(Experiment.task == self.task, Experiment.task.startswith(f"{self.task}@")))
        if self.purpose:
            asked.append(Trial.purpose == self.purpose)
        if self.region:
            asked.append(func.lower(Region.name) == self.region.lower())
        if self.arm:
            asked.append(Trial.simulated == (self.arm == "simulated"))
        if self.assigned_to is not None:
            asked.append(_assigned_to(self.assigned_to))
        return and_(*asked)


def waits_for(user: User | None, purposes: Collection[str] = LABELLED_PURPOSES) -> ColumnElement[bool]:
    """Executed, and a judgement is owed that the user may give; None: that anybody may give."""
    label, second = last_event(LabelEvent.outcome, second=False), last_event(LabelEvent.outcome, second=True)
    author, rater = (
        last_event(LabelEvent.author_id, second=False),
        last_event(LabelEvent.author_id, second=True),
    )
    first = func.coalesce(label, "withdrawn") == "withdrawn"
    owed = and_(
        Trial.second_rated,
        label.in_(("success", "failure")),
        func.coalesce(second, "withdrawn") == "withdrawn",
    )
    disputed = and_(
        Trial.second_rated,
        label.in_(("success", "failure")),
        second != "withdrawn",
        label != second,
        func.coalesce(last_event(LabelEvent.id, rating="settled"), 0)
        < last_event(LabelEvent.id, second=True),
    )
    if user is not None:
        not_its_rater = func.coalesce(rater, 0) != user.id
        first = and_(first, or_(~Trial.second_rated, second == "withdrawn", not_its_rater))
        owed = and_(owed, author != user.id)
        if user.role not in SETTLING_ROLES:
            disputed = and_(disputed, author != user.id, not_its_rater)
    return and_(Trial.status == "executed", Trial.purpose.in_(purposes), or_(first, owed, disputed))


def last_event(column: Any, *, second: bool | None = None, rating: str = "") -> ScalarSelect[Any]:
    """A column of a trial's last event that is, or is not, a second rating; or of its last of a rating."""
    if rating:
        kind = LabelEvent.rating == rating
    else:
        kind = LabelEvent.rating == "second" if second else LabelEvent.rating != "second"
    return (
        select(column)
        .where(LabelEvent.trial_id == Trial.id, kind)
        .order_by(LabelEvent.id.desc())
        .limit(1)
        .correlate(Trial)
        .scalar_subquery()
    )


def _assigned_to(user_id: int) -> ColumnElement[bool]:
    """Assigned itself, or with its whole experiment and not to somebody else."""
    own = exists().where(Assignment.trial_id == Trial.id)
    whole = exists().where(Assignment.experiment_id == Iteration.experiment_id, Assignment.user_id == user_id)
    return or_(own.where(Assignment.user_id == user_id), and_(whole, ~own))
