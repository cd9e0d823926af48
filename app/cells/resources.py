"""Cells as programs get them."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict

from app.cells.models import Cell, CellEvent


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
