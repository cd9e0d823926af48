"""Difficulty levels: named conditions under which a task is demonstrated and tried."""

from dataclasses import dataclass, field

from hndp_core.errors import InvalidSetting
from hndp_core.tasks.hand import Hand
from hndp_core.tasks.variation import VariationRange


@dataclass(frozen=True)
class Level:
    """One difficulty of a task.

    Attributes:
        name: stands after the task's name, as in scooping@clean.
        meaning: what is hard about it, as half a sentence for people.
        variation: how much two resets of one region differ.
        hand: how unsteadily demonstrations are given.
        tolerance: factor on the size of what must be met, so on the error that a success forgives;
            above 0, at most 1.
        train_regions: number of train regions of the default layout; None: the task's own.
    """

    name: str
    meaning: str
    variation: VariationRange = field(default_factory=VariationRange)
    hand: Hand = field(default_factory=Hand)
    tolerance: float = 1.0
    train_regions: int | None = None

    def __post_init__(self) -> None:
        if not 0 < self.tolerance <= 1:
            raise InvalidSetting("tolerance", self.tolerance, "use more than 0 and at most 1")
        if self.train_regions is not None and self.train_regions < 1:
            raise InvalidSetting("train_regions", self.train_regions, "use 1 or more, or None")
