"""What a dashboard over all experiments is about, in its address: a view can be kept and sent."""

from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta
from typing import Annotated, Any, Final
from urllib.parse import urlencode

from fastapi import Depends, Request
from sqlalchemy import ColumnElement, Select, and_, or_, select
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.cells.models import Cell
from app.experiments.models import Experiment
from hndp_core.hierarchy.methods import METHODS
from hndp_core.tasks import get_task, task_names

PERIODS: Final = {7: "7 days", 30: "30 days", 90: "90 days", 365: "a year"}
"""Days that a view may look back."""

ARMS: Final = {"simulated": "simulated arm", "real": "real arm"}


@dataclass(frozen=True)
class View:
    """Which experiments a dashboard shows, and how; what is None or empty is not asked for.

    Attributes:
        task: of one task at all its levels, by its name.
        method: by its name.
        cell: id of a cell.
        arm: "simulated" or "real".
        creator: id of the user who made the experiments.
        days: look back so far: at experiments made since then, at work done since then.
        sort: column of the overview, with "-" before it from the greatest to the least.
        against: method that the others are tested against.
    """

    task: str = ""
    method: str = ""
    cell: int | None = None
    arm: str = ""
    creator: int | None = None
    days: int | None = None
    sort: str = ""
    against: str = ""

    @property
    def is_narrow(self) -> bool:
        """Whether some experiments are left out, whatever their age."""
        return any((self.task, self.method, self.cell, self.arm, self.creator))

    def query(self, **changes: Any) -> str:
        """The address of this view with some things changed: "" or "?task=scooping&days=30"."""
        changed = replace(self, **changes)
        told = {each.name: getattr(changed, each.name) for each in fields(changed)}
        written = urlencode({name: value for name, value in told.items() if value})
        return f"?{written}" if written else ""

    def since(self, present: datetime) -> datetime | None:
        """From when on; None: from the beginning."""
        return None if self.days is None else present - timedelta(days=self.days)

    def wanted(self) -> ColumnElement[bool]:
        """The condition on experiments joined with their cell; their age is left to the caller."""
        asked: list[ColumnElement[bool]] = []
        if self.task:
            asked.append(or_(Experiment.task == self.task, Experiment.task.startswith(f"{self.task}@")))
        if self.method:
            asked.append(Experiment.method == self.method)
        if self.cell is not None:
            asked.append(Experiment.cell_id == self.cell)
        if self.arm:
            is_simulated = Cell.robot == "simulated"
            asked.append(is_simulated if self.arm == "simulated" else ~is_simulated)
        if self.creator is not None:
            asked.append(Experiment.created_by_id == self.creator)
        return and_(True, *asked)

    def experiment_ids(self) -> Select[int]:
        """The experiments that it is about, whatever their age."""
        return select(Experiment.id).join(Cell, Experiment.cell_id == Cell.id).where(self.wanted())


def asked_view(request: Request) -> View:
    """The view of a request's address; what cannot be understood is not asked for."""
    query = request.query_params
    days = _number(query.get("days", ""))
    return View(
        task=query.get("task", "") if query.get("task") in task_names() else "",
        method=query.get("method", "") if query.get("method") in METHODS else "",
        cell=_number(query.get("cell", "")),
        arm=query.get("arm", "") if query.get("arm") in ARMS else "",
        creator=_number(query.get("creator", "")),
        days=days if days in PERIODS else None,
        sort=query.get("sort", "")[:40],
        against=query.get("against", "") if query.get("against") in METHODS else "",
    )


ViewDep = Annotated[View, Depends(asked_view)]


@dataclass(frozen=True)
class Choice:
    """One value of a filter, as its select shows it."""

    value: str
    title: str


def choices(session: Session) -> dict[str, list[Choice]]:
    """What can be chosen, by the name of the filter: only what some experiment has."""
    methods = set(session.scalars(select(Experiment.method).distinct()))
    tasks = {key.partition("@")[0] for key in session.scalars(select(Experiment.task).distinct())}
    creators = session.execute(
        select(User.id, User.name).where(User.id.in_(select(Experiment.created_by_id))).order_by(User.name)
    )
    cells = session.execute(select(Cell.id, Cell.name).order_by(Cell.name))
    return {
        "task": [Choice(name, get_task(name).title) for name in task_names() if name in tasks],
        "method": [Choice(name, record.title) for name, record in METHODS.items() if name in methods],
        "cell": [Choice(str(number), name) for number, name in cells],
        "arm": [Choice(value, title) for value, title in ARMS.items()],
        "creator": [Choice(str(number), name) for number, name in creators],
        "days": [Choice(str(days), title) for days, title in PERIODS.items()],
    }


def _number(text: str) -> int | None:
    """A row's number, or nothing; no database holds one of more than nine digits."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 9 and int(text) else None
