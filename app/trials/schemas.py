"""What comes in and goes out when trials are labelled."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

RequestKey = Annotated[
    str,
    Field(
        pattern=r"^[A-Za-z0-9_-]{8,64}$",
        description="made anew for each key press: the same request sent twice is stored once",
    ),
]


class LabelForm(BaseModel):
    """A judgement of one trial, and what the page knew about that trial."""

    model_config = ConfigDict(extra="forbid")

    outcome: Literal["success", "failure", "invalid"]
    request_key: RequestKey
    note: Annotated[str | None, Field(max_length=500)] = None
    experiment_id: int | None = None
    iteration: int | None = None
    instead_of: Annotated[
        int | None, Field(description="the label that this one replaces; 0: the trial had none")
    ] = None


class UndoForm(BaseModel):
    """Takes a label back: the author's last one in the experiment, or that of one trial."""

    model_config = ConfigDict(extra="forbid")

    experiment_id: int
    request_key: RequestKey
    trial_id: int | None = None


class LabelAnswer(BaseModel):
    """What was stored. Says nothing of the simulator's ground truth."""

    trial_id: int
    event_id: int
    outcome: str
    author: str
    gate_outdated: bool
    notice: str | None
