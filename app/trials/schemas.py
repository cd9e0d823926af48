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


Outcome = Literal["success", "failure", "invalid"]


class JudgementForm(BaseModel):
    """A judgement of one trial, and the label that it was given in view of.

    What is None is not said: a plain failure may be followed by another form that says why, and the same
    outcome once more keeps what was said before.
    """

    model_config = ConfigDict(extra="forbid")

    outcome: Outcome
    request_key: RequestKey
    rating: Annotated[
        Literal["first", "second", "settled"],
        Field(description="second: independent of the first; settled: ends a dispute between two"),
    ] = "first"
    milestones: Annotated[
        int | None, Field(ge=0, description="how many of the rubric's milestones the trial has reached")
    ] = None
    failure_mode: Annotated[str | None, Field(min_length=1, max_length=60)] = None
    note: Annotated[
        str | None, Field(max_length=500, description="the reason, where a label is corrected")
    ] = None
    instead_of: Annotated[
        int | None, Field(description="the label that this one replaces; 0: the trial had none")
    ] = None


class LabelForm(JudgementForm):
    """A judgement of an experiment's trial, with what its page takes it to belong to."""

    experiment_id: int | None = None
    iteration: int | None = None


class WithdrawalForm(BaseModel):
    """Takes a label back: the author's last one, or that of one trial."""

    model_config = ConfigDict(extra="forbid")

    request_key: RequestKey
    trial_id: int | None = None


class UndoForm(WithdrawalForm):
    """Takes a label back, within one experiment if one is named."""

    experiment_id: int | None = None


class LabelAnswer(BaseModel):
    """What was stored. Says nothing of the simulator's ground truth."""

    trial_id: int
    event_id: int
    outcome: str
    author: str
    failure_mode: str | None
    score: float | None
    gate_outdated: bool
    notice: str | None
