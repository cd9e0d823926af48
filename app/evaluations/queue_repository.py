"""The label queue of a blind session: what waits for one person. The caller owns the transaction."""

from collections.abc import Collection, Sequence

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.evaluations.models import PlannedRun
from app.evaluations.repository import blind_trials, of_session
from app.trials.models import Trial
from app.trials.reservations import held_by_others
from app.trials.trial_queue import Query, TrialQueue
from app.trials.waiting import BLIND_PURPOSES


class BlindQueue(TrialQueue):
    """The queue of one person's trials of a session, in the order in which they were planned."""

    purposes = BLIND_PURPOSES

    def __init__(self, session: Session, user: User, session_id: int) -> None:
        super().__init__(session, user)
        self._session_id = session_id

    def of_queue(self, query: Query) -> Query:
        return query.join(PlannedRun, Trial.planned_run_id == PlannedRun.id).where(
            PlannedRun.session_id == self._session_id
        )

    def in_order(self, query: Query) -> Query:
        return query.order_by(PlannedRun.position, Trial.attempt)

    def whole(self, trial_ids: Collection[int]) -> Sequence[Trial]:
        found = select(Trial).where(Trial.id.in_(trial_ids), of_session(self._session_id))
        return self._session.scalars(blind_trials(found)).unique().all()

    def still_waiting(self, trial_ids: Collection[int]) -> Sequence[int]:
        """Those of the given trials that still wait, another session's left out."""
        own = select(Trial.id).where(Trial.id.in_(trial_ids), of_session(self._session_id))
        return super().still_waiting(self._session.scalars(own).all())

    def held_elsewhere(self) -> int:
        """Number of the session's trials that are on the screens of others."""
        return held_by_others(self._session, self._user.id, of_session(self._session_id))

    def executed_count(self) -> int:
        """Number of trials that were ever run: it grows with each new one."""
        return self._session.scalars(
            select(func.count()).where(of_session(self._session_id), Trial.status == "executed")
        ).one()

    def unrun_count(self) -> int:
        """Number of planned runs of which none was executed yet."""
        executed = exists().where(Trial.planned_run_id == PlannedRun.id, Trial.status == "executed")
        return self._session.scalars(
            select(func.count())
            .select_from(PlannedRun)
            .where(PlannedRun.session_id == self._session_id, ~executed)
        ).one()
