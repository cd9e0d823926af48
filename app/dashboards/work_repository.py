"""Queries about the work of people and cells. The caller owns the transaction.

They read the sums that the database keeps (`app.dashboards.models`), or a bounded number of the newest label
events: none of them walks all events or all trials.
"""

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy.orm import Session, aliased

from app.accounts.models import User
from app.cells.models import Cell, ProcessRun
from app.dashboards.models import LabelDay, TrialHour
from app.dashboards.view import View
from app.training.models import Iteration
from app.trials.models import LabelEvent, Trial


class LabelCount(NamedTuple):
    author_id: int
    author: str
    simulated: bool
    day: str
    count: int


class CellDay(NamedTuple):
    """What a cell did on one day: trials, the clock hours in which it executed some, the arm's time."""

    cell: str
    simulated: bool
    day: str
    trials: int
    hours: int
    timed: int
    arm_s: float


class Decision(NamedTuple):
    """One of the newest label events; `first` tells whether its trial had none before."""

    author_id: int
    at: datetime
    executed_at: datetime | None
    experiment_id: int | None
    first: bool


class Run(NamedTuple):
    """From when to when a process ran."""

    name: str
    started_at: datetime
    seen_at: datetime


class WorkRepository:
    def __init__(self, session: Session) -> None:
        self._session = session

    def label_counts(self, view: View, since_day: str) -> list[LabelCount]:
        """Labels by operator and day."""
        rows = self._session.execute(
            select(User.id, User.name, User.role == "simulated", LabelDay.day, func.sum(LabelDay.labels))
            .join(User, LabelDay.author_id == User.id)
            .where(LabelDay.day >= since_day, *_of_view(view, LabelDay.experiment_id))
            .group_by(User.id, User.name, User.role, LabelDay.day)
            .order_by(User.name, LabelDay.day)
        )
        return [LabelCount(*row[:4], int(row[4])) for row in rows]

    def cell_days(self, view: View, since_day: str) -> list[CellDay]:
        """What cells did, by day."""
        day = func.substr(TrialHour.hour, 1, 10).label("day")
        rows = self._session.execute(
            select(
                Cell.name,
                Cell.robot == "simulated",
                day,
                func.sum(TrialHour.trials),
                func.count(TrialHour.hour.distinct()),
                func.sum(TrialHour.timed),
                func.sum(TrialHour.arm_s),
            )
            .join(Cell, TrialHour.cell_id == Cell.id)
            .where(TrialHour.hour >= since_day, *_of_view(view, TrialHour.experiment_id))
            .group_by(Cell.id, Cell.name, Cell.robot, day)
            .order_by(Cell.name, day)
        )
        return [CellDay(*row[:3], int(row[3]), int(row[4]), int(row[5]), float(row[6])) for row in rows]

    def newest_decisions(self, since: datetime, at_most: int) -> list[Decision]:
        """The newest labels that people gave, the newest first; of all experiments, as a person's pace is."""
        newest = (
            select(LabelEvent.id, LabelEvent.trial_id, LabelEvent.author_id, LabelEvent.created_at)
            .join(User, LabelEvent.author_id == User.id)
            .where(LabelEvent.outcome != "withdrawn", User.role != "simulated", _not_copied())
            .where(LabelEvent.created_at >= since)
            .order_by(LabelEvent.created_at.desc(), LabelEvent.id.desc())
            .limit(at_most)
            .subquery()
        ).c
        earlier = aliased(LabelEvent)
        before = exists().where(earlier.trial_id == newest.trial_id, earlier.id < newest.id)
        rows = self._session.execute(
            select(newest.author_id, newest.created_at, Trial.executed_at, Iteration.experiment_id, ~before)
            .join(Trial, newest.trial_id == Trial.id)
            .outerjoin(Iteration, Trial.iteration_id == Iteration.id)
            .order_by(newest.created_at.desc(), newest.id.desc())
        )
        return [Decision(*row) for row in rows]

    def judgement_pairs(self, view: View, since: datetime, at_most: int) -> list[tuple[str, str]]:
        """Outcomes of first and second judgements, of the newest `at_most` second ones.

        As `app.trials.agreement` pairs them: the first judgement as it stood when the second was given.
        """
        newest = (
            select(LabelEvent.id, LabelEvent.trial_id, LabelEvent.author_id, LabelEvent.outcome)
            .where(LabelEvent.rating == "second", LabelEvent.created_at >= since, _not_copied())
            .order_by(LabelEvent.created_at.desc(), LabelEvent.id.desc())
            .limit(at_most)
            .subquery()
        ).c
        other, first = aliased(LabelEvent), aliased(LabelEvent)
        later = exists().where(
            other.trial_id == newest.trial_id, other.rating == "second", other.id > newest.id
        )
        before = (
            select(first.outcome)
            .where(
                first.trial_id == newest.trial_id,
                first.rating == "first",
                first.author_id != newest.author_id,
                first.id < newest.id,
            )
            .order_by(first.id.desc())
            .limit(1)
            .scalar_subquery()
        )
        rows = self._session.execute(
            select(before, newest.outcome)
            .join(Trial, newest.trial_id == Trial.id)
            .outerjoin(Iteration, Trial.iteration_id == Iteration.id)
            .where(newest.outcome != "withdrawn", ~later, *_of_view(view, Iteration.experiment_id))
        )
        return [(one, two) for one, two in rows if one not in (None, "withdrawn")]

    def experiment_ids(self, view: View) -> set[int]:
        """Ids of the experiments that the view is about."""
        return set(self._session.scalars(view.experiment_ids()))

    def cells(self, view: View) -> list[tuple[str, bool]]:
        """Name of each cell that the view leaves in, and whether its arm is simulated."""
        rows = self._session.execute(select(Cell.id, Cell.name, Cell.robot).order_by(Cell.name))
        return [
            (name, robot == "simulated")
            for number, name, robot in rows
            if view.cell in (None, number)
            and view.arm in ("", "simulated" if robot == "simulated" else "real")
        ]

    def cell_runs(self, since: datetime) -> list[Run]:
        """When processes of cells ran, in order; runs that were over by `since` are left out."""
        rows = self._session.execute(
            select(ProcessRun.name, ProcessRun.started_at, ProcessRun.seen_at)
            .where(ProcessRun.kind == "cell", ProcessRun.seen_at >= since)
            .order_by(ProcessRun.started_at)
        )
        return [Run(*row) for row in rows]

    def first_starts(self) -> dict[str, datetime]:
        """When each cell's process was started for the first time that is known."""
        rows = self._session.execute(
            select(ProcessRun.name, func.min(ProcessRun.started_at))
            .where(ProcessRun.kind == "cell")
            .group_by(ProcessRun.name)
        )
        return {name: first for name, first in rows}


def _of_view(view: View, experiment_id: Any) -> tuple[ColumnElement[bool], ...]:
    """The condition that work was for the view's experiments; work for none is left out where some are."""
    return (experiment_id.in_(view.experiment_ids()),) if view.is_narrow else ()


def _not_copied() -> ColumnElement[bool]:
    """What a rerun copied was decided before."""
    return ~LabelEvent.request_key.startswith("rerun/")
