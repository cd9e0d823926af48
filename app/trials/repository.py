"""Queries of trials and their labels. The caller owns the transaction.

The simulator's ground truth is never loaded with a trial: reading it there is an error, so that no page can
show it by accident. `ground_truth` alone reads it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session, aliased, defer, joinedload, selectinload

from app.demonstrations.models import Demonstration
from app.experiments.models import Experiment, Region
from app.platform.errors import NotFound
from app.training.models import Gate, Iteration
from app.trials.models import LabelEvent, SceneMatch, Trial
from app.trials.waiting import LABELLED_PURPOSES, waits_for

WITHOUT_TRUTH: Final = (defer(Trial.physics_success, raiseload=True), defer(Trial.measures, raiseload=True))
"""Options of a query of trials: what the simulator says of them is not loaded."""


@dataclass(frozen=True)
class TrialFilter:
    """Which trials a list is about; what is None or empty is not asked for.

    There is none by outcome: it would tell who owes an independent judgement what the first one said.
    """

    experiment_id: int | None = None
    iteration: int | None = None
    region: str = ""
    purpose: str | None = None
    status: str | None = None
    simulated: bool | None = None


class TrialRepository:
    def __init__(self, session: Session) -> None:
        self._session = session

    def get(self, trial_id: int) -> Trial:
        """Return a trial of an experiment with its place, its experiment and its labels.

        Raises:
            NotFound: no such trial, or an evaluation trial: only its session may show it.
        """
        of_an_experiment = Trial.iteration_id.is_not(None)
        found = select(Trial).where(Trial.id == trial_id, of_an_experiment)
        trial = self._session.scalar(whole_trials(found))
        if trial is None:
            raise NotFound("trial", trial_id)
        return trial

    def selected(self, asked: TrialFilter) -> Select[Trial]:
        """Trials of experiments that fit, the bin left out; never those of evaluation sessions."""
        query = whole_trials(
            select(Trial)
            .join(Iteration, Trial.iteration_id == Iteration.id)
            .join(Experiment, Iteration.experiment_id == Experiment.id)
            .where(Experiment.binned_at.is_(None))
        )
        wanted = {
            Iteration.experiment_id: asked.experiment_id,
            Iteration.number: asked.iteration,
            Trial.purpose: asked.purpose,
            Trial.status: asked.status,
            Trial.simulated: asked.simulated,
        }
        for column, value in wanted.items():
            if value is not None:
                query = query.where(column == value)
        if asked.region:
            query = query.join(Region, Trial.region_id == Region.id).where(Region.name == asked.region)
        return query

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

    def waiting_counts(self, experiment_id: int) -> dict[str, int]:
        """Number of trials that wait for anybody's judgement, by purpose."""
        rows = self._session.execute(
            select(Trial.purpose, func.count())
            .where(
                # A subquery: by a join SQLite may walk the trials of all experiments.
                Trial.iteration_id.in_(select(Iteration.id).where(Iteration.experiment_id == experiment_id)),
                waits_for(None),
            )
            .group_by(Trial.purpose)
        )
        return dict.fromkeys(LABELLED_PURPOSES, 0) | {purpose: count for purpose, count in rows}

    def waiting_by_experiment(self) -> dict[int, int]:
        """Number of trials that wait for anybody's judgement, by experiment."""
        rows = self._session.execute(
            select(Iteration.experiment_id, func.count())
            .select_from(Trial)
            .join(Iteration, Trial.iteration_id == Iteration.id)
            .where(waits_for(None))
            .group_by(Iteration.experiment_id)
        )
        return {experiment: count for experiment, count in rows}

    def decisions(self, author_id: int, limit: int, experiment_id: int | None = None) -> Sequence[LabelEvent]:
        """The author's latest judgements that stand, newest first, in one experiment or in all."""
        rows = (
            standing_labels(LabelEvent.author_id == author_id, _within(experiment_id))
            .options(
                joinedload(LabelEvent.author),
                joinedload(LabelEvent.trial).options(
                    *WITHOUT_TRUTH,
                    joinedload(Trial.region),
                    joinedload(Trial.iteration).joinedload(Iteration.experiment),
                ),
            )
            .limit(limit)
        )
        return self._session.scalars(rows).all()

    def last_own_label(self, experiment_id: int | None, author_id: int) -> LabelEvent | None:
        """The author's newest judgement that stands."""
        standing = standing_labels(LabelEvent.author_id == author_id, _within(experiment_id))
        return self._session.scalar(standing.limit(1))

    def label_of_request(self, request_key: str) -> LabelEvent | None:
        return self._session.scalar(
            select(LabelEvent)
            .where(LabelEvent.request_key == request_key)
            .options(joinedload(LabelEvent.author), joinedload(LabelEvent.trial).options(*WITHOUT_TRUTH))
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
            .options(*WITHOUT_TRUTH)
            .order_by(Trial.attempt)
            .limit(1)
        )

    def demonstration_in(self, region_id: int) -> Demonstration | None:
        """The accepted demonstration of a region; a held-out one has none."""
        return self._session.scalar(
            select(Demonstration).where(
                Demonstration.region_id == region_id, Demonstration.status == "accepted"
            )
        )

    def gate_of(self, trial: Trial) -> Gate | None:
        """The gate that a gate trial has helped to set, if it is set."""
        if trial.purpose != "gate":
            return None
        return self._session.scalar(
            select(Gate).where(Gate.iteration_id == trial.iteration_id, Gate.region_id == trial.region_id)
        )


def standing_labels(*of: ColumnElement[bool]) -> Select[LabelEvent]:
    """Judgements that stand, newest first: each the last of its trial and kind; `of` says whose they are."""
    later = aliased(LabelEvent)
    newer = select(later.id).where(
        later.trial_id == LabelEvent.trial_id,
        later.id > LabelEvent.id,
        (later.rating == "second") == (LabelEvent.rating == "second"),
    )
    return (
        select(LabelEvent)
        .where(LabelEvent.outcome != "withdrawn", ~newer.exists(), *of)
        .order_by(LabelEvent.id.desc())
    )


def _within(experiment_id: int | None) -> ColumnElement[bool]:
    """Whether a label belongs to an experiment, for None to any: not to a blind evaluation session. Not as a
    join: the newest labels are looked at first, and a query for a few of them ends there."""
    chosen = () if experiment_id is None else (Iteration.experiment_id == experiment_id,)
    return (
        select(Iteration.id)
        .join(Trial, Trial.iteration_id == Iteration.id)
        .where(Trial.id == LabelEvent.trial_id, *chosen)
        .exists()
    )


def whole_trials(query: Select[Any]) -> Select[Any]:
    """A query of trials that brings all that a page or a decision about them needs, and no ground truth."""
    return query.options(
        *WITHOUT_TRUTH,
        joinedload(Trial.region),
        joinedload(Trial.iteration).joinedload(Iteration.experiment),
        joinedload(Trial.policy),
        joinedload(Trial.cell),
        joinedload(Trial.scene).joinedload(SceneMatch.user),
        selectinload(Trial.labels).joinedload(LabelEvent.author),
    ).execution_options(populate_existing=True)
