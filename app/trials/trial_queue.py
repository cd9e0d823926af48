"""What waits for one person: the queries that hold whomever the trials were run for. The caller owns the
transaction.
"""

from abc import ABC, abstractmethod
from collections.abc import Collection, Sequence
from typing import Any, ClassVar

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.trials.models import Trial
from app.trials.reservations import is_free_for
from app.trials.waiting import waits_for

Query = Select[*tuple[Any, ...]]


class TrialQueue(ABC):
    """Trials that wait for a person's judgement; a concrete kind says which, and in what order."""

    purposes: ClassVar[tuple[str, ...]]

    def __init__(self, session: Session, user: User) -> None:
        self._session = session
        self._user = user

    @abstractmethod
    def of_queue(self, query: Query) -> Query:
        """A query of trials, narrowed to those that the queue is about."""

    @abstractmethod
    def in_order(self, query: Query) -> Query:
        """The same in the order in which they are to be judged."""

    @abstractmethod
    def whole(self, trial_ids: Collection[int]) -> Sequence[Trial]:
        """Trials with all that a page shows of them, in any order."""

    def waiting(self, limit: int, without: Collection[int] = ()) -> Sequence[Trial]:
        """Trials to be judged that nobody else has on the screen, in the order of the queue."""
        # Ids first: sorting thousands of whole rows to show six takes longer than all the rest.
        free = self._waiting(select(Trial.id)).where(is_free_for(self._user.id), Trial.id.not_in(without))
        ids = self._session.scalars(self.in_order(free).limit(limit)).all()
        found = {trial.id: trial for trial in self.whole(ids)}
        return [found[each] for each in ids]

    def still_waiting(self, trial_ids: Collection[int]) -> Sequence[int]:
        """Those of the given trials that still wait, whether the queue is about them or not."""
        rows = select(Trial.id).where(Trial.id.in_(trial_ids), waits_for(self._user, self.purposes))
        return self._session.scalars(rows).all()

    def waiting_ids(self) -> Sequence[int]:
        """All trials of the queue."""
        return self._session.scalars(self._waiting(select(Trial.id))).all()

    def counts(self) -> dict[str, int]:
        """Number of trials that wait, by purpose."""
        query = self._waiting(select(Trial.purpose, func.count(Trial.id))).group_by(Trial.purpose)
        rows = self._session.execute(query)
        return dict.fromkeys(self.purposes, 0) | {purpose: count for purpose, count in rows}

    def waiting_for_anybody(self) -> int:
        """Number of trials of the queue that wait, whoever may judge them."""
        return self._count(waits_for(None, self.purposes))

    def held_by_others(self) -> int:
        """Number of those that are on the screens of others."""
        return self._count(waits_for(None, self.purposes), ~is_free_for(self._user.id))

    def repeated_count(self) -> int:
        """Number of trials that were judged invalid and are being run again."""
        return self._count(Trial.status.in_(("planned", "running")), Trial.attempt > 1)

    def _count(self, *conditions: ColumnElement[bool]) -> int:
        return self._session.scalars(self.of_queue(select(func.count(Trial.id))).where(*conditions)).one()

    def _waiting(self, query: Query) -> Query:
        return self.of_queue(query).where(waits_for(self._user, self.purposes))
