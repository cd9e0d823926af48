"""The data of the figures about work as browsers and programs get them."""

from pydantic import BaseModel


class DayBar(BaseModel):
    """One day of one row; `value` is None where there is nothing to tell, `told` says it in words."""

    day: str
    value: float | None
    told: str


class DayRow(BaseModel):
    """Somebody, or a cell, day by day."""

    title: str
    note: str
    """What is simulated about it; empty for people and real arms."""
    total: str
    """The sum or mean of the period, in words."""
    bars: list[DayBar]


class DayFigure(BaseModel):
    """A row of bars for each of several, on one scale.

    Attributes:
        quantity: what a bar shows, with its unit
        greatest: top of the scale
        days: of the horizontal axis, YYYY-MM-DD in UTC, without a gap
    """

    quantity: str
    unit: str
    greatest: float
    days: list[str]
    rows: list[DayRow]


class OperatorRow(BaseModel):
    """What one person judged in the period."""

    name: str
    simulated: bool
    labels: int
    decisions: int
    """Of the newest decisions, those between which no pause lay."""
    median_decision_s: float | None


class WorkSummary(BaseModel):
    """Labelling in the period: how much, how quickly, how much alike."""

    labels: int
    sample: int
    """Number of newest decisions that the times are taken from."""
    decisions: int
    median_decision_s: float | None
    first_labels: int
    median_wait_s: float | None
    """Median time from the end of a trial to its first label."""
    p90_wait_s: float | None
    pairs: int
    """Trials that two people judged independently, of the newest."""
    alike: int
    kappa: float | None
    trials: int
    trials_per_hour: float | None
    """Trials by clock hour in which a cell executed any."""
    operators: list[OperatorRow]
