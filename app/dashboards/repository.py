"""Queries of the dashboard. The caller owns the transaction."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.dashboards.counting import JUDGED, TrialState, current_trials
from app.dashboards.motion_repository import MotionRepository
from app.demonstrations.models import Demonstration
from app.experiments.models import Experiment, Region
from app.platform.errors import NotFound
from app.training.label_snapshot import Judgement
from app.training.models import Gate, Iteration, Step
from app.trials.models import LabelEvent, Trial

TRAINING_STEPS = ("pretraining", "local_training", "global_training")


class StateCount(NamedTuple):
    """How many judged trials of one kind are in one state."""

    iteration: int
    purpose: str
    simulated: bool
    state: TrialState
    count: int


class JudgedTrial(NamedTuple):
    """A judged trial as it stands, with who labelled it and when."""

    trial_id: int
    iteration: int
    region_id: int
    repeat: int
    attempt: int
    simulated: bool
    state: TrialState
    author: str | None
    labelled_at: datetime | None


class MeasuredTrial(NamedTuple):
    """What was measured of a judged trial that was executed, and the score of the label that stands."""

    iteration: int
    purpose: str
    simulated: bool
    squared_jerk: float | None
    velocity_share: float | None
    acceleration_share: float | None
    score: float | None


class StoredGate(NamedTuple):
    iteration: int
    region_id: int
    value: int
    label_hash: str


class GateEvent(NamedTuple):
    """A label event of a trial that sets a gate."""

    iteration: int
    region_id: int
    judgement: Judgement


class TrainingRun(NamedTuple):
    """A training step that is done."""

    iteration: int
    kind: str
    started_at: datetime
    finished_at: datetime


class DashboardRepository:
    """Of one experiment. `motions` says where its trajectories are kept."""

    def __init__(self, session: Session, experiment_id: int) -> None:
        self._session = session
        self._id = experiment_id
        self.motions = MotionRepository(session, experiment_id)

    def experiment(self) -> Experiment:
        """Return the experiment.

        Raises:
            NotFound: no such experiment.
        """
        experiment = self._session.get(Experiment, self._id)
        if experiment is None:
            raise NotFound("experiment", self._id)
        return experiment

    def iterations(self) -> Sequence[int]:
        """Numbers of the iterations that were begun."""
        return self._session.scalars(
            select(Iteration.number).where(Iteration.experiment_id == self._id).order_by(Iteration.number)
        ).all()

    def regions(self) -> Sequence[Region]:
        """Train regions first, each split in the order of its index."""
        return self._session.scalars(
            select(Region).where(Region.experiment_id == self._id).order_by(Region.split.desc(), Region.index)
        ).all()

    def state_counts(self) -> list[StateCount]:
        """Judged trials of each kind, counted by the database."""
        trials = current_trials(self._id).c
        groups = (trials.number, trials.purpose, trials.simulated, trials.state)
        rows = self._session.execute(select(*groups, func.count()).group_by(*groups))
        return [StateCount(*row) for row in rows]

    def judged_trials(self) -> list[JudgedTrial]:
        """Every judged trial, in the order of iterations, regions and repeats."""
        trials = current_trials(self._id).c
        rows = self._session.execute(
            select(
                trials.trial_id,
                trials.number,
                trials.region_id,
                trials.repeat,
                trials.attempt,
                trials.simulated,
                trials.state,
                User.name.label("author"),
                LabelEvent.created_at.label("labelled_at"),
            )
            .outerjoin(LabelEvent, LabelEvent.id == trials.event_id)
            .outerjoin(User, User.id == LabelEvent.author_id)
            .order_by(trials.number, trials.region_id, trials.repeat)
        )
        return [JudgedTrial(*row) for row in rows]

    def measured_trials(self) -> list[MeasuredTrial]:
        """Every judged trial that was executed and is not invalid."""
        trials = current_trials(self._id).c
        rows = self._session.execute(
            select(
                trials.number,
                trials.purpose,
                trials.simulated,
                Trial.squared_jerk,
                Trial.velocity_share,
                Trial.acceleration_share,
                LabelEvent.score,
            )
            .join(Trial, Trial.id == trials.trial_id)
            .outerjoin(LabelEvent, LabelEvent.id == trials.event_id)
            .where(trials.state.in_(("success", "failure", "unlabelled")))
        )
        return [MeasuredTrial(*row) for row in rows]

    def gates(self) -> list[StoredGate]:
        """All gates, the last iteration's at the end."""
        rows = self._session.execute(
            select(Iteration.number, Gate.region_id, Gate.value, Gate.label_hash)
            .join(Iteration, Gate.iteration_id == Iteration.id)
            .where(Iteration.experiment_id == self._id)
            .order_by(Iteration.number)
        )
        return [StoredGate(*row) for row in rows]

    def gate_events(self) -> list[GateEvent]:
        """All label events of gate trials, in the order in which they came."""
        rows = self._session.execute(
            select(
                Iteration.number,
                Trial.region_id,
                LabelEvent.id,
                LabelEvent.trial_id,
                LabelEvent.author_id,
                LabelEvent.outcome,
                LabelEvent.rating,
            )
            .join(Trial, LabelEvent.trial_id == Trial.id)
            .join(Iteration, Trial.iteration_id == Iteration.id)
            .where(Iteration.experiment_id == self._id, Trial.purpose == "gate")
            .order_by(LabelEvent.id)
        )
        return [GateEvent(row[0], row[1], Judgement._make(row[2:])) for row in rows]

    def label_times(self, at_most: int) -> list[tuple[int, datetime]]:
        """(author, time) of the newest labels that people gave, each author's in the order of giving."""
        newest = (
            select(LabelEvent.id, LabelEvent.author_id, LabelEvent.created_at)
            .join(Trial, LabelEvent.trial_id == Trial.id)
            .join(Iteration, Trial.iteration_id == Iteration.id)
            .join(User, LabelEvent.author_id == User.id)
            .where(
                Iteration.experiment_id == self._id,
                LabelEvent.outcome != "withdrawn",
                User.role != "simulated",
            )
            .order_by(LabelEvent.id.desc())
            .limit(at_most)
            .subquery()
        ).c
        rows = self._session.execute(
            select(newest.author_id, newest.created_at).order_by(newest.author_id, newest.id)
        )
        return [(author, at) for author, at in rows]

    def event_counts(self) -> dict[str, int]:
        """Label events by outcome, also those that count no more."""
        rows = self._session.execute(
            select(LabelEvent.outcome, func.count())
            .join(Trial, LabelEvent.trial_id == Trial.id)
            .join(Iteration, Trial.iteration_id == Iteration.id)
            .where(Iteration.experiment_id == self._id)
            .group_by(LabelEvent.outcome)
        )
        return {outcome: count for outcome, count in rows}

    def executed_counts(self) -> dict[str, int]:
        """Executed trials by purpose; each attempt is one."""
        rows = self._session.execute(
            select(Trial.purpose, func.count())
            .where(Trial.iteration_id.in_(self._iterations()), Trial.status == "executed")
            .group_by(Trial.purpose)
        )
        return {purpose: count for purpose, count in rows}

    def superseded(self) -> int:
        """Runs of judged trials that a later attempt replaced: as many as there are later attempts."""
        return self._session.scalars(
            select(func.count())
            .select_from(Trial)
            .join(Iteration, Trial.iteration_id == Iteration.id)
            .where(Iteration.experiment_id == self._id, Trial.purpose.in_(JUDGED), Trial.attempt > 1)
        ).one()

    def accepted_demonstrations(self) -> int:
        return self._session.scalars(
            select(func.count())
            .select_from(Demonstration)
            .join(Region, Demonstration.region_id == Region.id)
            .where(Region.experiment_id == self._id, Demonstration.status == "accepted")
        ).one()

    def accepted_by_region(self) -> dict[int, int]:
        """Number of the accepted demonstration, by region."""
        rows = self._session.execute(
            select(Demonstration.region_id, Demonstration.id)
            .join(Region, Demonstration.region_id == Region.id)
            .where(Region.experiment_id == self._id, Demonstration.status == "accepted")
        )
        return {region: number for region, number in rows}

    def training_runs(self) -> list[TrainingRun]:
        """The training steps that are done, in their order."""
        rows = self._session.execute(
            select(Iteration.number, Step.kind, Step.started_at, Step.finished_at)
            .join(Iteration, Step.iteration_id == Iteration.id)
            .where(
                Iteration.experiment_id == self._id,
                Step.kind.in_(TRAINING_STEPS),
                Step.status == "done",
            )
            .order_by(Iteration.number, Step.position)
        )
        return [
            TrainingRun(number, kind, started, finished)
            for number, kind, started, finished in rows
            if started is not None and finished is not None
        ]

    def state(self) -> str:
        """A word that changes whenever a figure would: one cheap look, for live pages."""
        of_experiment = self._iterations()
        of_trials = select(Trial.id).where(Trial.iteration_id.in_(of_experiment))
        parts = self._session.execute(
            select(
                select(func.max(LabelEvent.id)).where(LabelEvent.trial_id.in_(of_trials)).scalar_subquery(),
                select(func.count())
                .where(Trial.iteration_id.in_(of_experiment), Trial.status.in_(("executed", "cancelled")))
                .scalar_subquery(),
                select(func.count()).where(Trial.iteration_id.in_(of_experiment)).scalar_subquery(),
                select(func.count()).where(Gate.iteration_id.in_(of_experiment)).scalar_subquery(),
                select(func.count())
                .where(Step.iteration_id.in_(of_experiment), Step.status == "done")
                .scalar_subquery(),
                select(Experiment.status).where(Experiment.id == self._id).scalar_subquery(),
            )
        ).one()
        return "-".join(str(part) for part in (*parts, self.accepted_demonstrations()))

    def _iterations(self) -> Select[int]:
        """Ids of the iterations: a subquery, for by a join SQLite may walk all experiments' trials."""
        return select(Iteration.id).where(Iteration.experiment_id == self._id)
