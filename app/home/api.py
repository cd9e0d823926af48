"""What waits for whom, and how the machines are."""

from typing import Literal

from pydantic import BaseModel

from app.api.resource_route import resource_router
from app.evaluations.models import EvaluationSession
from app.home.waiting import Home, Machine, Need, look_around
from app.platform.model import now
from app.platform.requests import SessionDep, SettingsDep

router = resource_router("Home")


class NeedResource(BaseModel):
    """Something that goes on only when a person acts, on an experiment or an evaluation. `page` is the
    address where they do, `urgent` says that it holds up what runs.
    """

    kind: Literal["experiment", "evaluation"]
    id: int
    name: str
    what: str
    why: str
    page: str
    urgent: bool

    @classmethod
    def of(cls, need: Need) -> "NeedResource":
        is_session = isinstance(need.subject, EvaluationSession)
        return cls(
            kind="evaluation" if is_session else "experiment",
            id=need.subject.id,
            name=need.subject.name,
            what=need.what,
            why=need.why,
            page=need.href,
            urgent=need.urgent,
        )


class MachineResource(BaseModel):
    """A cell, or all training workers together."""

    name: str
    status: str
    detail: str
    simulated: bool

    @classmethod
    def of(cls, machine: Machine) -> "MachineResource":
        return cls.model_validate(machine, from_attributes=True)


class HomeResource(BaseModel):
    """What the home page says before it lists experiments; the most urgent first."""

    needs: list[NeedResource]
    machines: list[MachineResource]

    @classmethod
    def of(cls, home: Home) -> "HomeResource":
        return cls(
            needs=[NeedResource.of(each) for each in home.needs],
            machines=[MachineResource.of(each) for each in home.machines],
        )


@router.get("/home")
def get_home(session: SessionDep, settings: SettingsDep) -> HomeResource:
    """What goes on only when a person acts, and what the machines do."""
    return HomeResource.of(look_around(session, settings.cell_name, now()))
