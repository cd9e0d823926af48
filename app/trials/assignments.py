"""Who is asked to judge what. The caller commits."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.experiments.models import Experiment
from app.platform.errors import Conflict, Invalid
from app.trials.models import Assignment
from app.trials.queue_repository import QueueRepository
from app.trials.waiting import QueueFilter


@dataclass(frozen=True)
class Load:
    """What one person is asked to judge: experiments as a whole, and single trials besides."""

    user: User
    experiments: Sequence[str]
    trials: int


def assign(session: Session, author: User, asked: QueueFilter, user_id: int) -> int:
    """Ask somebody to judge; return the number of trials, 0 for a whole experiment.

    A filter for an experiment alone assigns all its trials, those to come too; any other assigns the trials
    that wait now. What was assigned to somebody else changes hands.

    Raises:
        Invalid: nobody who can judge.
        Conflict: no trial that waits fits the filter.
    """
    person = session.get(User, user_id)
    if person is None or person.role in ("viewer", "simulated"):
        raise Invalid("Choose somebody who judges trials.", field="to")
    if asked.experiment_id is not None and asked == QueueFilter(asked.experiment_id):
        session.execute(delete(Assignment).where(Assignment.experiment_id == asked.experiment_id))
        session.add(Assignment(experiment_id=asked.experiment_id, user_id=person.id, created_by_id=author.id))
        return 0
    trials = QueueRepository(session, person, asked).waiting_ids()
    if not trials:
        raise Conflict("No trial that waits fits what you have chosen: choose others, then assign.")
    session.execute(delete(Assignment).where(Assignment.trial_id.in_(trials)))
    session.add_all(Assignment(trial_id=each, user_id=person.id, created_by_id=author.id) for each in trials)
    return len(trials)


def take_back(session: Session, user_id: int) -> None:
    """Ask a person for nothing any more."""
    session.execute(delete(Assignment).where(Assignment.user_id == user_id))


def assignments(session: Session) -> list[Load]:
    """What everybody is asked to judge."""
    names: dict[int, list[str]] = {}
    whole = select(Assignment.user_id, Experiment.name).join(
        Experiment, Experiment.id == Assignment.experiment_id
    )
    for user_id, name in session.execute(whole.order_by(Experiment.id)):
        names.setdefault(user_id, []).append(name)
    single = (
        select(Assignment.user_id, func.count())
        .where(Assignment.trial_id.is_not(None))
        .group_by(Assignment.user_id)
    )
    counts = {user_id: count for user_id, count in session.execute(single)}
    people = session.scalars(select(User).where(User.id.in_({*names, *counts})).order_by(User.name))
    return [Load(each, names.get(each.id, []), counts.get(each.id, 0)) for each in people]
