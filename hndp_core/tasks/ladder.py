"""Difficulties of tasks about an object on the table, each step adding to the one before (ADR 5)."""

from dataclasses import replace
from typing import Final

from hndp_core.tasks.hand import Hand
from hndp_core.tasks.level import Level
from hndp_core.tasks.variation import VariationRange

HUMAN: Final = Hand(tremor_rad=0.006, speed_spread=0.15)

VARIED: Final = VariationRange(
    object_shift_sigma_m=0.005,
    camera_shift_sigma_m=0.006,
    camera_turn_sigma_rad=0.008,
    light_shift_sigma_m=0.3,
    brightness_low=0.5,
    brightness_high=1.4,
    tool_shift_sigma_m=0.001,
)

DISTRACTORS: Final = 6
FEW_REGIONS: Final = 8
FEWEST_REGIONS: Final = 4


def ladder(
    *,
    default: str,
    tolerance: float,
    hand: Hand = HUMAN,
    varied: VariationRange = VARIED,
    distractors: int = DISTRACTORS,
) -> tuple[Level, ...]:
    """Return clean, human, varied, cluttered and tight; then few and fewest, which are the default otherwise.

    Args:
        default: name of the step from which few and fewest differ by their number of train regions alone.
        tolerance: of tight.
        hand: demonstrates from human on.
        varied: how much resets differ from varied on.
        distractors: how many things lie about from cluttered on.
    """
    clutter = replace(varied, distractors=distractors)
    steps = (
        Level("clean", "steady demonstrations, small changes between resets"),
        Level("human", "unsteady demonstrations at differing speeds", hand=hand),
        Level("varied", "as human; camera, lamp, object and tool shift more", varied, hand),
        Level("cluttered", f"as varied; {distractors} other things lie on the table", clutter, hand),
        Level("tight", "as cluttered; less error is forgiven", clutter, hand, tolerance),
    )
    usual = next(step for step in steps if step.name == default)
    return *steps, _with_regions(usual, "few", FEW_REGIONS), _with_regions(usual, "fewest", FEWEST_REGIONS)


def _with_regions(level: Level, name: str, count: int) -> Level:
    return replace(level, name=name, meaning=f"as {level.name}; {count} train regions", train_regions=count)
