"""The queue of trials that wait for a judgement."""

from typing import Annotated, Literal

from fastapi import Depends, Query
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.orm import Session

from app.accounts.current_user import CurrentUser
from app.accounts.models import User
from app.api.resource_route import GREATEST_ID, resource_router
from app.platform.requests import SessionDep
from app.trials.label_queue import view_trial
from app.trials.queue_repository import QueueRepository
from app.trials.reservations import free_page, take
from app.trials.resources import QueuedResource, QueueResource
from app.trials.waiting import QueueFilter

router = resource_router("Labels")

PageName = Annotated[
    str,
    Field(pattern=r"^[0-9a-f]{32}$", description="32 random hex digits that name who holds the trials."),
]


class Reserving(BaseModel):
    """Asks for the next trials, held back from others for a minute; asking again renews that."""

    model_config = ConfigDict(extra="forbid")

    page: PageName
    limit: int = Field(6, ge=1, le=50)


class Leaving(BaseModel):
    """Gives back what was held under a name."""

    model_config = ConfigDict(extra="forbid")

    page: PageName


def asked_for(
    user: CurrentUser,
    experiment: Annotated[int | None, Query(ge=1, le=GREATEST_ID)] = None,
    task: Annotated[str, Query(max_length=80)] = "",
    purpose: Literal["gate", "held_out"] | None = None,
    region: Annotated[str, Query(max_length=40)] = "",
    arm: Literal["simulated", "real"] | None = None,
    assigned: Annotated[Literal["me"] | None, Query(description="Those that one was asked to judge.")] = None,
) -> QueueFilter:
    """Which trials are asked for."""
    return QueueFilter(
        experiment, task, purpose or "", region, arm or "", user.id if assigned == "me" else None
    )


AskedDep = Annotated[QueueFilter, Depends(asked_for)]


@router.get("/queue")
def get_queue(
    asked: AskedDep, user: CurrentUser, session: SessionDep, limit: Annotated[int, Query(ge=1, le=200)] = 50
) -> QueueResource:
    """The next trials that wait for who asks, in the order of the label page; nothing is held back."""
    queue = QueueRepository(session, user, asked)
    return _queue(session, user, queue, [each.id for each in queue.waiting(limit)], limit)


@router.post("/queue/reservations")
def reserve_trials(asked: AskedDep, form: Reserving, user: CurrentUser, session: SessionDep) -> QueueResource:
    """The same, reserved: no other person's label page shows them meanwhile."""
    queue = QueueRepository(session, user, asked)
    found = [each.id for each in queue.waiting(form.limit)]
    return _queue(session, user, queue, take(session, found, user.id, form.page), form.limit)


@router.post("/queue/leave", status_code=204)
def leave_queue(form: Leaving, user: CurrentUser, session: SessionDep) -> None:
    """Give reserved trials back."""
    free_page(session, user.id, form.page)


def _queue(
    session: Session, user: User, queue: QueueRepository, shown: list[int] | set[int], limit: int
) -> QueueResource:
    rows = [each for each in queue.waiting(limit) if each.id in shown]
    return QueueResource(
        waiting=queue.counts(),
        items=[QueuedResource.of(view_trial(session, each, user), each) for each in rows],
    )
