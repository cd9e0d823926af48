"""Who is asked to judge what."""

from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.orm import Session

from app.accounts.current_user import CurrentUser
from app.accounts.models import User
from app.api.resource_route import GREATEST_ID, RowId, resource_router
from app.platform.requests import SessionDep
from app.trials.assignments import assign, assignments, judges, take_back
from app.trials.waiting import QueueFilter

router = resource_router("Labels")

Number = Annotated[int, Field(ge=1, le=GREATEST_ID)]


class JudgeResource(BaseModel):
    """Somebody who can judge, and what they are asked to: `experiments` as a whole, with the trials to come,
    and so many single `trials` besides.
    """

    user_id: int
    name: str
    experiments: list[int]
    trials: int


class Assigning(BaseModel):
    """Asks somebody (`to`) to judge: an experiment alone with its trials to come, anything else as the trials
    that wait now and are so. What somebody else was asked to judge changes hands.
    """

    model_config = ConfigDict(extra="forbid")

    to: Number
    experiment: Number | None = None
    task: Annotated[str, Field(max_length=80)] = ""
    purpose: Literal["gate", "held_out"] | None = None
    region: Annotated[str, Field(max_length=40, description="Its name, such as T3.")] = ""
    arm: Literal["simulated", "real"] | None = None

    def filter(self) -> QueueFilter:
        return QueueFilter(self.experiment, self.task, self.purpose or "", self.region, self.arm or "")


class Assigned(BaseModel):
    """How many trials were assigned, 0 for a whole experiment, and what that person is asked to judge now."""

    trials: int
    judge: JudgeResource


@router.get("/assignments")
def list_assignments(session: SessionDep) -> list[JudgeResource]:
    """Everybody who can judge, by name, with what they are asked to judge."""
    return _judges(session, judges(session))


@router.post("/assignments")
def assign_trials(form: Assigning, user: CurrentUser, session: SessionDep) -> Assigned:
    """Ask somebody to judge an experiment, or the trials that wait now. Others may still judge them."""
    count = assign(session, user, form.filter(), form.to)
    (judge,) = _judges(session, [session.get_one(User, form.to)])
    return Assigned(trials=count, judge=judge)


@router.delete("/assignments/{user_id}", status_code=204)
def take_assignments_back(user_id: RowId, session: SessionDep) -> None:
    """Ask a person for nothing any more."""
    take_back(session, user_id)


def _judges(session: Session, people: Sequence[User]) -> list[JudgeResource]:
    loads = {each.user.id: each for each in assignments(session)}
    return [
        JudgeResource(
            user_id=each.id,
            name=each.name,
            experiments=[found.id for found in loads[each.id].experiments] if each.id in loads else [],
            trials=loads[each.id].trials if each.id in loads else 0,
        )
        for each in people
    ]
