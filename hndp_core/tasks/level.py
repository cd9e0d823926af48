"""Difficulty levels: named conditions under which a task is demonstrated and tried."""

from dataclasses import dataclass, field, replace

from hndp_core.errors import InvalidSetting
from hndp_core.tasks.hand import Hand
from hndp_core.tasks.variation import VariationRange

FEW_REGIONS = 8
FEWEST_REGIONS = 4


@dataclass(frozen=True)
class Level:
    """One difficulty of a task.

    Attributes:
        name: stands after the task's name, as in scooping@clean.
        meaning: what is hard about it, as half a sentence for people.
        variation: how much two resets of one region differ.
        hand: how unsteadily demonstrations are given.
        tolerance: factor on the error that a success forgives: above 0, at most 1.
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


def ladder(
    hand: Hand, varied: VariationRange, distractors: int, tolerance: float, *, default: str
) -> tuple[Level, ...]:
    """Return the difficulties that all tasks share: a ladder, each step adding to the one before.

    Two more stand beside it: few and fewest regions, at the default level's other conditions.

    Args:
        hand: demonstrations from the second step on.
        varied: scene variation from the third step on.
        distractors: their number from the fourth step on.
        tolerance: of the last step.
        default: name of the step from which `few` and `fewest` differ by their regions alone.
    """
    clean = Level("clean", "the scripted teacher's own demonstrations, small changes between resets")
    human = replace(clean, name="human", meaning="unsteady demonstrations of different speeds", hand=hand)
    more = replace(
        human, name="varied", meaning="also larger changes of camera, lamp and tool", variation=varied
    )
    clutter = replace(varied, distractors=distractors)
    cluttered = replace(more, name="cluttered", meaning="also other things on the table", variation=clutter)
    tight = replace(cluttered, name="tight", meaning="also less room for error", tolerance=tolerance)
    steps = clean, human, more, cluttered, tight
    usual = next(step for step in steps if step.name == default)
    few = replace(usual, name="few", meaning=f"as {default}, 8 train regions", train_regions=FEW_REGIONS)
    fewest = replace(
        few, name="fewest", meaning=f"as {default}, 4 train regions", train_regions=FEWEST_REGIONS
    )
    return *steps, few, fewest
