"""How many trials a comparison takes, before one is planned."""

from typing import Annotated, Any, Literal

from fastapi import Query
from pydantic import BaseModel

from app.api.resource_route import resource_router
from app.evaluations.planner import DEFAULTS, PlannedDesign, view_planner
from app.platform.errors import InvalidInputs
from app.platform.requests import SessionDep
from hndp_core.evaluation.order import MOST_POLICIES

router = resource_router("Evaluations")

Rate = Annotated[float, Query(ge=0.01, le=0.99)]


class DesignResource(BaseModel):
    """One way to make a comparison: `pairing`, `design` and `repeats` are those of an evaluation's plan.

    `trials` is the most that each policy takes, `mean_trials` what it takes on average where the difference
    is as large as asked, `total` is of all policies. `hours` are for the mean, null where the cell's pace is
    not known.
    """

    title: str
    explanation: str
    pairing: Literal["paired", "independent"]
    design: Literal["fixed", "sequential"]
    trials: int
    mean_trials: float
    total: int
    repeats: int
    hours: float | None

    @classmethod
    def of(cls, row: PlannedDesign) -> "DesignResource":
        return cls.model_validate(row, from_attributes=True)


@router.get("/evaluation-designs")
def list_designs(
    session: SessionDep,
    first: Rate = float(DEFAULTS["first"]),
    second: Rate = float(DEFAULTS["second"]),
    power: Annotated[float, Query(ge=0.5, le=0.99)] = float(DEFAULTS["power"]),
    level: Annotated[float, Query(ge=0.001, le=0.2)] = float(DEFAULTS["level"]),
    policies: Annotated[int, Query(ge=2, le=MOST_POLICIES)] = int(DEFAULTS["policies"]),
    regions: Annotated[int, Query(ge=1, le=200)] = int(DEFAULTS["regions"]),
    cell: Annotated[str, Query(max_length=80, description="Whose measured pace counts.")] = "",
) -> list[DesignResource]:
    """What it takes to tell a policy that succeeds at the rate `first` from one at `second`."""
    asked: dict[str, Any] = {
        "first": first,
        "second": second,
        "power": power,
        "level": level,
        "policies": policies,
        "regions": regions,
        "cell": cell,
    }
    found = view_planner(session, {name: str(value) for name, value in asked.items()})
    if found["errors"]:
        raise InvalidInputs(found["errors"])
    return [DesignResource.of(each) for each in found["designs"]]
