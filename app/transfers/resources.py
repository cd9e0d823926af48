"""Exports and restorations as programs ask for them and get them."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from app.transfers.download import is_offered
from app.transfers.models import Transfer
from app.transfers.selection import LABELS, Selection

Format = Literal["lerobot", "csv", "npz"]
Taken = Literal["accepted", "recorded"]
Purpose = Literal["local", "gate", "held_out"]
Label = Literal["success", "failure", "invalid", "unlabelled"]


class DatasetPlan(BaseModel):
    """What a data set holds, and in which format."""

    model_config = ConfigDict(extra="forbid")

    format: Format = "lerobot"
    demonstrations: list[Taken] = Field(
        default=["accepted"], max_length=2, description="Statuses of those that are taken."
    )
    purposes: list[Purpose] = Field(
        default=[], max_length=3, description="Of the trials that are taken; empty: none."
    )
    labels: list[Label] = Field(
        default=list(LABELS), max_length=4, description="Of gate and held-out trials; nobody labels others."
    )
    iterations: list[Annotated[int, Field(ge=1, le=999)]] = Field(
        default=[], max_length=200, description="Of the trials; empty: all."
    )

    def read(self) -> Selection:
        """
        Raises:
            Invalid: nothing is chosen; names the input.
        """
        return Selection(
            format=self.format,
            demonstrations=tuple(dict.fromkeys(self.demonstrations)),
            purposes=tuple(dict.fromkeys(self.purposes)),
            labels=tuple(dict.fromkeys(self.labels)),
            iterations=tuple(sorted(set(self.iterations))),
        )

    @classmethod
    def of(cls, selection: Selection) -> "DatasetPlan":
        return cls.model_validate(selection.to_json())


class TransferResource(BaseModel):
    """A job of a worker: a data set or an archive that it writes of an experiment, or an experiment that it
    restores from an archive.

    `done` of `total` count episodes of a data set, files of an archive. `note` says what came of it, or why
    it failed; `file` is the address of the zip file, until it expires. `experiment_id` of a restoration is
    what came of it, `name` what that is called.
    """

    id: int
    kind: Literal["dataset", "archive", "restoration"]
    status: Literal["queued", "running", "done", "failed"]
    experiment_id: int | None
    name: str
    selection: DatasetPlan | None
    done: int
    total: int
    size: int | None
    note: str | None
    created_by: str
    created_at: datetime
    ended_at: datetime | None
    expires_at: datetime | None
    file: str | None

    @classmethod
    def of(cls, row: Transfer) -> "TransferResource":
        made = {"selection", "created_by", "file"}
        chosen = Selection.from_json(row.selection) if row.kind == "dataset" else None
        return cls(
            **{name: getattr(row, name) for name in cls.model_fields.keys() - made},
            selection=None if chosen is None else DatasetPlan.of(chosen),
            created_by=row.created_by.name,
            file=f"/api/v1/transfers/{row.id}/file" if is_offered(row) else None,
        )
