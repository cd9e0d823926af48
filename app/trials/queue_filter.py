"""The filter of the label page, in its address: so that a view can be kept and sent."""

from dataclasses import dataclass
from typing import Annotated, Any, Final
from urllib.parse import urlencode

from fastapi import Depends, Request
from sqlalchemy.orm import Session

from app.accounts.current_user import CurrentUser
from app.accounts.models import User
from app.trials.assignments import judges
from app.trials.queue_repository import QueueRepository
from app.trials.waiting import LABELLED_PURPOSES, QueueFilter
from hndp_core.tasks import get_task, task_names

ARMS: Final = {"simulated": "simulated arm", "real": "real arm"}
PURPOSE_TITLES: Final = {"gate": "gate trials", "held_out": "held-out trials"}


@dataclass(frozen=True)
class Choice:
    """One value of a filter, as its select shows it."""

    value: str
    title: str


def asked_for(request: Request, user: CurrentUser) -> QueueFilter:
    """The filter of a request's address; what cannot be understood is not asked for."""
    query = request.query_params
    experiment, arm = query.get("experiment", ""), query.get("arm", "")
    return QueueFilter(
        experiment_id=int(experiment) if experiment.isdecimal() else None,
        task=query.get("task", ""),
        purpose=query.get("purpose", "") if query.get("purpose") in LABELLED_PURPOSES else "",
        region=query.get("region", "").strip()[:40],
        arm=arm if arm in ("simulated", "real") else "",
        assigned_to=user.id if query.get("assigned") == "me" else None,
    )


FilterDep = Annotated[QueueFilter, Depends(asked_for)]


def query_of(asked: QueueFilter) -> str:
    """The inverse of `asked_for`: "" or "?task=scooping"."""
    fields = {
        "experiment": asked.experiment_id or "",
        "task": asked.task,
        "purpose": asked.purpose,
        "region": asked.region,
        "arm": asked.arm,
        "assigned": "me" if asked.assigned_to is not None else "",
    }
    told = urlencode({name: value for name, value in fields.items() if value})
    return f"?{told}" if told else ""


def choices(session: Session, user: User) -> dict[str, Any]:
    """What can be chosen: experiments, tasks, purposes, arms; and the people who can be asked to judge."""
    experiments = QueueRepository(session, user, QueueFilter()).experiments()
    return {
        "experiment": [Choice(str(each.id), each.name) for each in experiments],
        "task": [Choice(name, get_task(name).title) for name in task_names()],
        "purpose": [Choice(value, title) for value, title in PURPOSE_TITLES.items()],
        "arm": [Choice(value, title) for value, title in ARMS.items()],
        "people": judges(session),
    }
