"""Queries of trials and their labels. The caller owns the transaction.

The simulator's ground truth is never loaded with a trial: reading it there is an error, so that no page can
show it by accident. `ground_truth` alone reads it.
"""

from collections.abc import Collection, Sequence
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, and_, func, select
from sqlalchemy.orm import Session, aliased, defer, joinedload, selectinload

from app.experiments.models import Region
from app.platform.errors import NotFound
from app.training.models import Gate, Iteration, Step
from app.trials.models import LabelEvent, Trial

LABELLED_PURPOSES: Final = ("gate", "held_out")
"""Purposes of the trials that people judge, in the order of the queue: gates hold up the next iteration."""

_BLIND: Final = (defer(Trial.physics_success, raiseload=True), defer(Trial.measures, raiseload=True))


class TrialRepository:
    def __init__(self, session: Session) -> None:
        self._session = session

    def get(self, trial_id: int) -> Trial:
        """Return a trial of an experiment with its place, its experiment and its labels.

        Raises:
            NotFound: no such trial, or an evaluation trial: only its session may show it.
        """
        of_an_experiment = Trial.iteration_id.is_not(None)
        trial = self._session.scalar(_whole(select(Trial).where(Trial.id == trial_id, of_an_experiment)))
        if trial is None:
            raise NotFound("trial", trial_id)
        return trial

    def locked(self, trial_id: int) -> Trial:
        """Return a trial that nobody else labels until the transaction ends.

        Raises:
            NotFound: no such trial.
        """
        self._session.execute(select(Trial.id).where(Trial.id == trial_id).with_for_update())
        return self.get(trial_id)

    def ground_truth(self, trial_id: int) -> tuple[bool | None, dict[str, float]]:
        """What the physics says, and why; only for a trial whose label it can no longer sway."""
        success, measures = self._session.execute(
            select(Trial.physics_success, Trial.measures).where(Trial.id == trial_id)
        ).one()
        return success, measures or {}

    def waiting(self, experiment_id: int, limit: int, without: Collection[int] = ()) -> Sequence[Trial]:
        """Trials to be labelled, in the order of the queue."""
        query = (
            select(Trial)
            .join(Iteration, Trial.iteration_id == Iteration.id)
            .join(Region, Trial.region_id == Region.id)
            .where(_waits(experiment_id), Trial.id.not_in(without))
            .order_by(Trial.purpose, Iteration.number, Region.index, Trial.repeat)
            .limit(limit)
        )
        return self._session.scalars(_whole(query)).unique().all()

    def still_waiting(self, experiment_id: int, trial_ids: Collection[int]) -> Sequence[int]:
        """Those of the given trials that still wait for a label."""
        rows = (
            select(Trial.id)
            .join(Iteration, Trial.iteration_id == Iteration.id)
            .where(_waits(experiment_id), Trial.id.in_(trial_ids))
        )
        return self._session.scalars(rows).all()

    def waiting_counts(self, experiment_id: int) -> dict[str, int]:
        """Number of trials that wait for a label, by purpose."""
        rows = self._session.execute(
            select(Trial.purpose, func.count())
            .join(Iteration, Trial.iteration_id == Iteration.id)
            .where(_waits(experiment_id))
            .group_by(Trial.purpose)
        )
        return dict.fromkeys(LABELLED_PURPOSES, 0) | {purpose: count for purpose, count in rows}

    def waiting_by_experiment(self) -> dict[int, int]:
        """Number of trials that wait for a label, by experiment."""
        rows = self._session.execute(
            select(Iteration.experiment_id, func.count())
            .select_from(Trial)
            .join(Iteration, Trial.iteration_id == Iteration.id)
            .where(_unjudged())
            .group_by(Iteration.experiment_id)
        )
        return {experiment: count for experiment, count in rows}

    def repeated_count(self, experiment_id: int) -> int:
        """Number of trials that were judged invalid and are being run again."""
        return self._session.scalars(
            select(func.count())
            .select_from(Trial)
            .join(Iteration)
            .where(
                Iteration.experiment_id == experiment_id,
                Trial.status.in_(("planned", "running")),
                Trial.attempt > 1,
            )
        ).one()

    def decisions(self, experiment_id: int, limit: int) -> Sequence[LabelEvent]:
        """The latest labels that count, newest first, one a trial."""
        rows = (
            _counting(experiment_id)
            .options(
                joinedload(LabelEvent.author),
                joinedload(LabelEvent.trial).options(
                    *_BLIND, joinedload(Trial.region), joinedload(Trial.iteration)
                ),
            )
            .limit(limit)
        )
        return self._session.scalars(rows).all()

    def newest_label(self, experiment_id: int) -> int:
        """Id of the newest label event of an experiment, 0 where there is none."""
        newest = select(LabelEvent.id).where(_within(experiment_id)).order_by(LabelEvent.id.desc()).limit(1)
        return self._session.scalar(newest) or 0

    def last_own_label(self, experiment_id: int, author_id: int) -> LabelEvent | None:
        """The author's newest label that counts."""
        own = _counting(experiment_id).where(LabelEvent.author_id == author_id)
        return self._session.scalar(own.limit(1))

    def label_of_request(self, request_key: str) -> LabelEvent | None:
        return self._session.scalar(
            select(LabelEvent)
            .where(LabelEvent.request_key == request_key)
            .options(joinedload(LabelEvent.author), joinedload(LabelEvent.trial).options(*_BLIND))
        )

    def add_label(self, event: LabelEvent) -> None:
        self._session.add(event)
        self._session.flush()

    def next_attempt(self, trial: Trial) -> Trial | None:
        """The later run of a trial that was judged invalid."""
        return self._session.scalar(
            select(Trial)
            .where(
                Trial.iteration_id == trial.iteration_id,
                Trial.purpose == trial.purpose,
                Trial.region_id == trial.region_id,
                Trial.repeat == trial.repeat,
                Trial.attempt > trial.attempt,
            )
            .options(*_BLIND)
            .order_by(Trial.attempt)
            .limit(1)
        )

    def gate_of(self, trial: Trial) -> Gate | None:
        """The gate that a gate trial has helped to set, if it is set."""
        if trial.purpose != "gate":
            return None
        return self._session.scalar(
            select(Gate).where(Gate.iteration_id == trial.iteration_id, Gate.region_id == trial.region_id)
        )

    def step_under_way(self, experiment_id: int) -> Step | None:
        """The first step of an experiment that is not done."""
        return self._session.scalar(
            select(Step)
            .join(Iteration)
            .where(Iteration.experiment_id == experiment_id, Step.status != "done")
            .options(joinedload(Step.iteration), defer(Step.log), defer(Step.curve))
            .order_by(Iteration.number, Step.position)
            .limit(1)
        )


def _counting(experiment_id: int) -> Select[LabelEvent]:
    """Labels that count, newest first: the last event of each trial, where it does not withdraw."""
    later = aliased(LabelEvent)
    newer = select(later.id).where(later.trial_id == LabelEvent.trial_id, later.id > LabelEvent.id)
    return (
        select(LabelEvent)
        .where(_within(experiment_id), LabelEvent.outcome != "withdrawn", ~newer.exists())
        .order_by(LabelEvent.id.desc())
    )


def _within(experiment_id: int) -> ColumnElement[bool]:
    """Whether a label belongs to an experiment. Not as a join: the newest labels are looked at first, and a
    query for a few of them ends there."""
    return (
        select(Iteration.id)
        .join(Trial, Trial.iteration_id == Iteration.id)
        .where(Trial.id == LabelEvent.trial_id, Iteration.experiment_id == experiment_id)
        .exists()
    )


def _waits(experiment_id: int) -> ColumnElement[bool]:
    return and_(Iteration.experiment_id == experiment_id, _unjudged())


def _unjudged() -> ColumnElement[bool]:
    """Executed, and without a label that counts. A trial that was run again has an invalid one."""
    last = (
        select(LabelEvent.outcome)
        .where(LabelEvent.trial_id == Trial.id)
        .order_by(LabelEvent.id.desc())
        .limit(1)
        .correlate(Trial)
        .scalar_subquery()
    )
    return and_(
        Trial.status == "executed",
        Trial.purpose.in_(LABELLED_PURPOSES),
        func.coalesce(last, "withdrawn") == "withdrawn",
    )


def _whole(query: Select[Any]) -> Select[Any]:
    return query.options(
        *_BLIND,
        joinedload(Trial.region),
        joinedload(Trial.iteration).joinedload(Iteration.experiment),
        joinedload(Trial.policy),
        joinedload(Trial.cell),
        selectinload(Trial.labels).joinedload(LabelEvent.author),
    ).execution_options(populate_existing=True)
