"""Queries about all experiments. The caller owns the transaction.

None of them walks all trials: they read the newest iterations, or the sums that the database keeps.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import String, and_, cast, exists, func, select
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.cells.models import Cell
from app.dashboards.counting import TrialState, current_trials_of
from app.dashboards.models import TrialHour
from app.dashboards.view import View
from app.experiments.models import Experiment, Region
from app.training.models import Iteration
from app.trials.models import LabelEvent, Trial


class PlainExperiment(NamedTuple):
    """What the overview tells of an experiment without looking at its trials."""

    id: int
    name: str
    task: str
    method: str
    status: str
    operator: str
    iterations: int
    seed: int
    cell: str
    simulated: bool
    creator: str
    created_at: datetime


class HeldOutCount(NamedTuple):
    """Judged held-out trials of an iteration in one state."""

    experiment_id: int
    iteration: int
    simulated: bool
    state: TrialState
    count: int


class ArmTime(NamedTuple):
    """What an experiment took from the arm: trials executed, those with a measured time, and that time."""

    trials: int
    timed: int
    seconds: float


class FinalTrial(NamedTuple):
    """A held-out trial of a finished experiment's last iteration, with the conditions of its run."""

    experiment_id: int
    task: str
    method: str
    simulated: bool
    state: TrialState
    seed: int
    layout_seed: int
    x_m: float
    y_m: float
    subject: str
    repeat: int


class OverviewRepository:
    def __init__(self, session: Session) -> None:
        self._session = session

    def experiments(self, view: View, since: datetime | None) -> list[PlainExperiment]:
        """The view's experiments, the newest first."""
        rows = self._session.execute(
            select(
                Experiment.id,
                Experiment.name,
                Experiment.task,
                Experiment.method,
                Experiment.status,
                Experiment.operator,
                Experiment.iterations,
                Experiment.seed,
                Cell.name,
                Cell.robot == "simulated",
                User.name,
                Experiment.created_at,
            )
            .join(Cell, Experiment.cell_id == Cell.id)
            .join(User, Experiment.created_by_id == User.id)
            .where(view.wanted(), *(() if since is None else (Experiment.created_at >= since,)))
            .order_by(Experiment.id.desc())
        )
        return [PlainExperiment(*row) for row in rows]

    def begun_iterations(self) -> dict[int, int]:
        """Number of the last iteration that was begun, by experiment."""
        rows = self._session.execute(
            select(Iteration.experiment_id, func.max(Iteration.number)).group_by(Iteration.experiment_id)
        )
        return {experiment: number for experiment, number in rows}

    def newest_held_out(self, experiment_ids: Sequence[int]) -> list[HeldOutCount]:
        """Held-out trials of the newest iteration of each experiment in which any was judged, by state."""
        judged = exists().where(
            Trial.iteration_id == Iteration.id,
            Trial.purpose == "held_out",
            LabelEvent.trial_id == Trial.id,
        )
        newest = (
            select(Iteration.experiment_id, func.max(Iteration.number).label("number"))
            .where(Iteration.experiment_id.in_(experiment_ids), judged)
            .group_by(Iteration.experiment_id)
            .subquery()
        )
        iterations = self._session.scalars(
            select(Iteration.id).join(
                newest,
                and_(Iteration.experiment_id == newest.c.experiment_id, Iteration.number == newest.c.number),
            )
        ).all()
        trials = current_trials_of(and_(Trial.iteration_id.in_(iterations), Trial.purpose == "held_out")).c
        groups = (trials.experiment_id, trials.number, trials.simulated, trials.state)
        rows = self._session.execute(select(*groups, func.count()).group_by(*groups))
        return [HeldOutCount(*row) for row in rows]

    def arm_times(self) -> dict[int, ArmTime]:
        """What each experiment took from the arm."""
        rows = self._session.execute(
            select(
                TrialHour.experiment_id,
                func.sum(TrialHour.trials),
                func.sum(TrialHour.timed),
                func.sum(TrialHour.arm_s),
            ).group_by(TrialHour.experiment_id)
        )
        return {row[0]: ArmTime(int(row[1]), int(row[2]), float(row[3])) for row in rows}

    def final_trials(self, view: View, since: datetime | None) -> list[FinalTrial]:
        """Held-out trials of the last planned iteration of the view's finished experiments."""
        finished = (
            view.experiment_ids()
            .where(Experiment.status == "finished")
            .where(*(() if since is None else (Experiment.created_at >= since,)))
        )
        last = self._session.scalars(
            select(Iteration.id)
            .join(Experiment, Iteration.experiment_id == Experiment.id)
            .where(Experiment.id.in_(finished), Iteration.number == Experiment.iterations)
        ).all()
        trials = current_trials_of(and_(Trial.iteration_id.in_(last), Trial.purpose == "held_out")).c
        rows = self._session.execute(
            select(
                trials.experiment_id,
                Experiment.task,
                Experiment.method,
                trials.simulated,
                trials.state,
                Experiment.seed,
                Experiment.layout_seed,
                Region.x_m,
                Region.y_m,
                Region.subject,
                trials.repeat,
            )
            .join(Experiment, trials.experiment_id == Experiment.id)
            .join(Region, trials.region_id == Region.id)
            .order_by(trials.trial_id)
        )
        return [FinalTrial(*row) for row in rows]

    def state(self) -> str:
        """A word that changes whenever a dashboard would: looked at every second for each open page."""
        of_experiments = select(func.count(), func.coalesce(func.max(Iteration.id), 0)).select_from(Iteration)
        iterations, last = self._session.execute(of_experiments).one()
        parts = self._session.execute(
            select(
                select(func.max(LabelEvent.id)).scalar_subquery(),
                cast(select(func.max(Trial.executed_at)).scalar_subquery(), String),
            )
        ).one()
        statuses = self._session.execute(
            select(Experiment.status, func.count()).group_by(Experiment.status).order_by(Experiment.status)
        )
        told = "-".join(f"{status}{count}" for status, count in statuses)
        return f"{iterations}-{last}-{parts[0]}-{parts[1]}-{told}"
