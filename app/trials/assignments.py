"""Who is asked to judge what. The caller commits."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.experiments.models import Experiment
from app.experiments.repository import ExperimentRepository
from app.platform.errors import Conflict, Invalid
from app.trials.models import Assignment
from app.trials.queue_repository import QueueRepository
from app.trials.waiting import QueueFilter

LOOKERS_ON: Final = ("viewer", "simulated")
"""Roles of those who judge nothing, or nothing that waits for a person."""


@dataclass(frozen=True)
class Load:
    """What one person is asked to judge: experiments as a whole, and single trials besides."""

    user: User
    experiments: Sequence[Experiment]
    trials: int


def judges(session: Session) -> Sequence[User]:
    """The people who can be asked to judge."""
    return session.scalars(
        select(User)
        .where(User.role.not_in(LOOKERS_ON), User.deactivated_at.is_(None), User.imported_from.is_(None))
        .order_by(User.name)
    ).all()


def assign(session: Session, author: User, asked: QueueFilter, user_id: int) -> int:
    """Ask somebody to judge; return the number of trials, 0 for a whole experiment.

    A filter for an experiment alone assigns all its trials, those to come too; any other assigns the trials
    that wait now. What was assigned to somebody else changes hands.

    Raises:
        Invalid: nobody who can judge.
        NotFound: no such experiment.
        Conflict: no trial that waits fits the filter.
    """
    person = next((each for each in judges(session) if each.id == user_id), None)
    if person is None:
        raise Invalid("Choose somebody who judges trials.", field="to")
    if asked.experiment_id is not None:
        ExperimentRepository(session).get(asked.experiment_id)
        if asked == QueueFilter(asked.experiment_id):
            _assign_experiment(session, author, asked.experiment_id, person)
            return 0
    trials = QueueRepository(session, person, asked).waiting_ids()
    if not trials:
        raise Conflict("No trial that waits fits what you have chosen: choose others, then assign.")
    session.execute(delete(Assignment).where(Assignment.trial_id.in_(trials)))
    session.add_all(Assignment(trial_id=each, user_id=person.id, created_by_id=author.id) for each in trials)
    session.flush()
    return len(trials)


def take_back(session: Session, user_id: int) -> None:
    """Ask a person for nothing any more."""
    session.execute(delete(Assignment).where(Assignment.user_id == user_id))


def assignments(session: Session) -> list[Load]:
    """What everybody is asked to judge; who is asked for nothing is left out."""
    experiments: dict[int, list[Experiment]] = {}
    whole = select(Assignment.user_id, Experiment).join(Experiment, Experiment.id == Assignment.experiment_id)
    for user_id, experiment in session.execute(whole.order_by(Experiment.id)):
        experiments.setdefault(user_id, []).append(experiment)
    single = (
        select(Assignment.user_id, func.count())
        .where(Assignment.trial_id.is_not(None))
        .group_by(Assignment.user_id)
    )
    counts = {user_id: count for user_id, count in session.execute(single)}
    people = session.scalars(select(User).where(User.id.in_({*experiments, *counts})).order_by(User.name))
    return [Load(each, experiments.get(each.id, []), counts.get(each.id, 0)) for each in people]


def _assign_experiment(session: Session, author: User, experiment_id: int, person: User) -> None:
    session.execute(delete(Assignment).where(Assignment.experiment_id == experiment_id))
    session.add(Assignment(experiment_id=experiment_id, user_id=person.id, created_by_id=author.id))
    session.flush()
