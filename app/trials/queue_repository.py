"""The label queue of experiments: what waits for one person. The caller owns the transaction."""

from collections.abc import Collection, Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session, defer, joinedload

from app.accounts.models import User
from app.experiments.models import Experiment, Region
from app.training.models import Iteration, Step
from app.trials.models import LabelEvent, Trial
from app.trials.repository import whole_trials
from app.trials.reservations import held_by_others
from app.trials.trial_queue import Query, TrialQueue
from app.trials.waiting import LABELLED_PURPOSES, QueueFilter


class QueueRepository(TrialQueue):
    """The queue of one person's trials of experiments, under one filter."""

    purposes = LABELLED_PURPOSES

    def __init__(self, session: Session, user: User, asked: QueueFilter) -> None:
        super().__init__(session, user)
        self._asked = asked

    def of_queue(self, query: Query) -> Query:
        return (
            query.join(Iteration, Trial.iteration_id == Iteration.id)
            .join(Experiment, Iteration.experiment_id == Experiment.id)
            .join(Region, Trial.region_id == Region.id)
            .where(self._asked.condition())
        )

    def in_order(self, query: Query) -> Query:
        return query.order_by(
            Trial.purpose, Iteration.experiment_id, Iteration.number, Region.index, Trial.repeat, Trial.id
        )

    def whole(self, trial_ids: Collection[int]) -> Sequence[Trial]:
        experiment = joinedload(Trial.iteration).joinedload(Iteration.experiment)
        regions = experiment.selectinload(Experiment.regions)
        found = whole_trials(select(Trial).where(Trial.id.in_(trial_ids))).options(regions)
        return self._session.scalars(found).unique().all()

    def held_elsewhere(self) -> int:
        """Number of experiments' trials, of the queue or not, that are on the screens of others."""
        return held_by_others(self._session, self._user.id, Trial.purpose.in_(self.purposes))

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
