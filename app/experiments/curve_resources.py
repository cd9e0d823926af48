"""Joint curves as programs get them."""

from pydantic import BaseModel

Path = list[list[float | None]]
"""Positions of each joint [rad], by time; null where nothing was measured."""


class JointCurves(BaseModel):
    """Joint paths over time [s], with the `limits` of each joint [rad].

    `commanded` and `measured` are of what was executed, `prepared` is what would be, `fitted` the movement
    primitive nearest to it; what does not apply is null.
    """

    time_s: list[float]
    commanded: Path | None = None
    measured: Path | None = None
    prepared: Path | None = None
    fitted: Path | None = None
    limits: list[list[float]]
