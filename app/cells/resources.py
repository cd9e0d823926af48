"""Cells as programs get them."""

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from app.cells.models import Cell, CellEvent
from app.cells.motion_words import ReferenceSource


class CellResource(BaseModel):
    """One robot with its camera. `motion` says whether the arm may move, and `motion_note` why not."""

    id: int
    name: str
    robot: str
    attended: bool
    motion: str
    motion_note: str
    fault: str | None
    created_at: datetime

    @classmethod
    def of(cls, row: Cell) -> "CellResource":
        return cls.model_validate(row, from_attributes=True)


class CellState(BaseModel):
    """What a cell does now, as its own service tells it; while it is not `up`, `message` says what to do."""

    model_config = ConfigDict(extra="allow")

    up: bool


class CellAnswer(BaseModel):
    """The state that follows an act; after taking the arm with the `token` that later acts name."""

    model_config = ConfigDict(extra="allow")

    __pydantic_extra__: dict[str, Any]


class CellEventResource(BaseModel):
    """Something about who moves the arm, or a stop."""

    id: int
    kind: str
    user: str | None
    detail: str
    created_at: datetime

    @classmethod
    def of(cls, row: CellEvent) -> "CellEventResource":
        told = {name: getattr(row, name) for name in ("id", "kind", "detail", "created_at")}
        return cls(**told, user=None if row.user is None else row.user.name)


class CameraResource(BaseModel):
    """How a cell's camera does at this moment; where it gives no picture, `problem` says why and what to do.

    A cell that is not `up` tells nothing but a `message`, a simulator that draws its pictures is `rendered`.
    """

    up: bool
    message: str = ""
    rendered: bool = False
    name: str | None = None
    state: Literal["closed", "open", "lost"] | None = None
    problem: str = ""
    resolution: list[int] | None = Field(None, description="Width and height [px].")
    claimed_hz: float | None = Field(None, description="Pictures a second, as the camera has it.")
    measured_hz: float | None = Field(None, description="Pictures a second that came lately.")
    age_s: float | None = Field(None, description="Of the last picture.")


class AwaitedScene(BaseModel):
    """What a person is asked to set before the arm moves: `what` to do for which motion (`title`).

    `picture` is the address of the reference, whose source `reference` tells; `outline` is that of the
    region's object in the camera's picture, as (u, v) from 0 to 1. A `simulated` scene is set already.
    """

    number: int
    title: str
    experiment_id: int | None
    region: str
    subject: str
    what: str
    reference: ReferenceSource | None
    picture: str | None
    outline: list[list[float]]
    simulated: bool

    @classmethod
    def of(cls, cell_id: int, told: dict[str, Any]) -> "AwaitedScene":
        """From the state of its cell."""
        address = f"/api/v1/cells/{cell_id}/scene/{told['number']}/reference"
        return cls.model_validate({**told, "picture": address if told["reference"] else None})


class SceneState(BaseModel):
    """The scene of a cell that waits for a person; null where none does."""

    scene: AwaitedScene | None


class SceneAnswer(BaseModel):
    """Says that somebody has looked at the scene, and that it is as its reference shows."""

    model_config = ConfigDict(extra="forbid")

    token: int | None = Field(None, description="Of the lease, under which the cell's page holds the arm.")
