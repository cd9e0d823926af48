"""The data of the figures as browsers and programs get them."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel

from app.dashboards.counting import TrialState

Split = Literal["train", "held_out"]
AngleUnit = Literal["deg", "rad"]
Source = Literal["demonstration", "local", "global"]


class Rate(BaseModel):
    """k successes in n counted trials, with a 95 % Wilson interval."""

    successes: int
    trials: int
    rate: float | None
    """None without a counted trial."""
    low: float
    high: float
    few: bool
    """Fewer than 10 counted trials: drawn grey, for it says little."""


class SuccessPoint(Rate):
    """The rate of one iteration, and what is not counted in it."""

    iteration: int
    unlabelled: int
    invalid: int
    pending: int


class SuccessSeries(BaseModel):
    """Trials that may be pooled: one split, and never simulated and real ones together."""

    split: Split
    simulated: bool
    title: str
    points: list[SuccessPoint]


class SuccessFigure(BaseModel):
    """Success rates by iteration (H-NDP Fig. 6)."""

    planned_iterations: int
    series: list[SuccessSeries]


class MapTrial(BaseModel):
    """One planned trial as it stands now."""

    trial_id: int
    repeat: int
    attempt: int
    simulated: bool
    state: TrialState
    author: str | None
    labelled_at: datetime | None


class MapCell(BaseModel):
    """One region in one iteration. Held-out regions never have a gate, nor has an only iteration."""

    iteration: int
    trials: list[MapTrial]
    gate: Literal[0, 1] | None
    gate_outdated: bool
    """A label was changed after the gate was set; the gate was not."""


class MapRow(BaseModel):
    """One region.

    `gated`: its trials set gates that an iteration to come depends on. `demonstration`: number of the
    accepted one; a held-out region has none.
    """

    region_id: int
    region: str
    subject: str
    split: Split
    gated: bool
    x_m: float
    y_m: float
    demonstration: int | None
    cells: list[MapCell]


class OutcomeMap(BaseModel):
    """Outcomes and gates by region and iteration."""

    iterations: list[int]
    rows: list[MapRow]


class JointCurve(BaseModel):
    """One commanded motion; `joints[j][t]` is the angle of joint j + 1 at `time_s[t]`."""

    source: Source
    title: str
    href: str
    time_s: list[float]
    joints: list[list[float]]


class TrajectoryFigure(BaseModel):
    """Demonstration, local and global trajectory in one region (H-NDP Fig. 3)."""

    region_id: int | None
    region: str | None
    split: Split | None
    iteration: int | None
    unit: AngleUnit
    curves: list[JointCurve]
    missing: list[str]
    """What cannot be drawn, and why."""


class TrainingTime(BaseModel):
    """Seconds from start to end of an iteration's training steps; None where a step is not done."""

    iteration: int
    pretraining_s: float | None
    local_training_s: float | None
    global_training_s: float | None
    total_s: float | None
    """Local and global training together; None until both are done."""


class TrainingFigure(BaseModel):
    """What the training of each iteration took."""

    rows: list[TrainingTime]


class Facts(BaseModel):
    """Counts of an experiment."""

    train_regions: int
    demonstrations: int
    local_trials: int
    gate_trials: int
    held_out_trials: int
    labelled: int
    unlabelled: int
    withdrawn: int
    run_again: int
    median_label_s: float | None
    """Median time between one person's consecutive labels, pauses left out; None below two labels."""
    open_gates: int | None
    gates: int
    gates_of_iteration: int | None


class SpreadPoint(BaseModel):
    """Values of the trials of one iteration."""

    iteration: int
    trials: int
    mean: float
    least: float
    lower_quartile: float
    median: float
    upper_quartile: float
    greatest: float
    few: bool
    """Fewer than 10 trials: drawn grey, for it says little."""


class SpreadSeries(BaseModel):
    """Trials that may be pooled, as in `SuccessSeries`."""

    split: Split
    simulated: bool
    title: str
    points: list[SpreadPoint]


class SpreadPanel(BaseModel):
    """One quantity over the iterations; `limit` is a value that must not be passed."""

    quantity: str
    title: str
    unit: str
    limit: float | None
    series: list[SpreadSeries]


class SpreadFigure(BaseModel):
    """Quantities of trials over the iterations; `nothing` says why there is no panel."""

    panels: list[SpreadPanel]
    nothing: str
