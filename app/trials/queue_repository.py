"""Queries of the label queue: what waits for one person. The caller owns the transaction."""

from collections.abc import Collection, Sequence

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session, defer, joinedload

from app.accounts.models import User
from app.experiments.models import Experiment, Region
from app.training.models import Iteration, Step
from app.trials.models import LabelEvent, Trial
from app.trials.repository import whole_trials
from app.trials.reservations import is_free_for
from app.trials.waiting import LABELLED_PURPOSES, QueueFilter, waits_for


class QueueRepository:
    """The queue of one person under one filter."""

    def __init__(self, session: Session, user: User, asked: QueueFilter) -> None:
        self._session = session
        self._user = user
        self._asked = asked

    def waiting(self, limit: int, without: Collection[int] = ()) -> Sequence[Trial]:
        """Trials to be judged that nobody else has on the screen, in the order of the queue."""
        # Ids first: sorting thousands of whole rows to show six takes longer than all the rest.
        query = self._of_queue(
            select(Trial.id), waits_for(self._user), is_free_for(self._user.id), Trial.id.not_in(without)
        ).order_by(
            Trial.purpose, Iteration.experiment_id, Iteration.number, Region.index, Trial.repeat, Trial.id
        )
        ids = self._session.scalars(query.limit(limit)).all()
        experiment = joinedload(Trial.iteration).joinedload(Iteration.experiment)
        regions = experiment.selectinload(Experiment.regions)
        whole = whole_trials(select(Trial).where(Trial.id.in_(ids))).options(regions)
        found = {trial.id: trial for trial in self._session.scalars(whole).unique()}
        return [found[each] for each in ids]

    def still_waiting(self, trial_ids: Collection[int]) -> Sequence[int]:
        """Those of the given trials that still wait, whether the filter asks for them or not."""
        rows = select(Trial.id).where(Trial.id.in_(trial_ids), waits_for(self._user))
        return self._session.scalars(rows).all()

    def waiting_ids(self) -> Sequence[int]:
        """All trials of the queue."""
        return self._session.scalars(self._of_queue(select(Trial.id), waits_for(self._user))).all()

    def counts(self) -> dict[str, int]:
        """Number of trials that wait, by purpose."""
        query = self._of_queue(select(Trial.purpose, func.count(Trial.id)), waits_for(self._user))
        rows = self._session.execute(query.group_by(Trial.purpose))
        return dict.fromkeys(LABELLED_PURPOSES, 0) | {purpose: count for purpose, count in rows}

    def waiting_for_anybody(self) -> int:
        """Number of trials of the queue that wait, whoever may judge them."""
        return self._session.scalars(self._of_queue(select(func.count(Trial.id)), waits_for(None))).one()

    def repeated_count(self) -> int:
        """Number of trials that were judged invalid and are being run again."""
        again = Trial.status.in_(("planned", "running")), Trial.attempt > 1
        return self._session.scalars(self._of_queue(select(func.count(Trial.id)), *again)).one()

    def executed_count(self) -> int:
        """Number of trials that were ever run, of the experiment or of all: it grows with each new one."""
        executed = Trial.status == "executed", Trial.purpose.in_(LABELLED_PURPOSES)
        query = select(func.count()).select_from(Trial).where(*executed)
        if self._asked.experiment_id is not None:
            query = query.join(Iteration).where(Iteration.experiment_id == self._asked.experiment_id)
        return self._session.scalars(query).one()

    def newest_label(self) -> int:
        """Id of the newest label event that may concern the queue, 0 where there is none."""
        newest = select(LabelEvent.id).order_by(LabelEvent.id.desc()).limit(1)
        if self._asked.experiment_id is not None:
            # Not as a join: the newest labels are looked at first, and the search ends at one of its own.
            newest = newest.where(
                select(Iteration.id)
                .join(Trial, Trial.iteration_id == Iteration.id)
                .where(Trial.id == LabelEvent.trial_id, Iteration.experiment_id == self._asked.experiment_id)
                .exists()
            )
        return self._session.scalar(newest) or 0

    def step_under_way(self) -> Step | None:
        """The first step that is not done, of the experiments that run or of the one that is asked for."""
        query = (
            select(Step)
            .join(Iteration)
            .join(Experiment)
            .where(Step.status != "done")
            .options(joinedload(Step.iteration), defer(Step.log), defer(Step.curve))
            .order_by(Iteration.number, Step.position)
            .limit(1)
        )
        if self._asked.experiment_id is not None:
            return self._session.scalar(query.where(Experiment.id == self._asked.experiment_id))
        return self._session.scalar(query.where(Experiment.status == "running"))

    def status(self) -> str:
        """Status of the experiment that is asked for; "" where it is about all."""
        if self._asked.experiment_id is None:
            return ""
        found = select(Experiment.status).where(Experiment.id == self._asked.experiment_id)
        return self._session.scalars(found).one()

    def experiments(self) -> Sequence[Experiment]:
        """Those that have begun, newest first: what can be asked for."""
        at_rest = ("draft", "cancelled")
        return self._session.scalars(
            select(Experiment)
            .where(Experiment.status.not_in(at_rest), Experiment.binned_at.is_(None))
            .order_by(Experiment.id.desc())
        ).all()

    def _of_queue(self, query: Select, *conditions: ColumnElement[bool]) -> Select:  # type: ignore[type-arg]
        return (
            query.join(Iteration, Trial.iteration_id == Iteration.id)
            .join(Experiment, Iteration.experiment_id == Experiment.id)
            .join(Region, Trial.region_id == Region.id)
            .where(*conditions, self._asked.condition())
        )
