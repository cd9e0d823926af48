"""Difficulty levels: named conditions under which a task is demonstrated and tried."""

from dataclasses import dataclass, field

from hndp_core.tasks.variation import VariationRange


@dataclass(frozen=True)
class Level:
    """One difficulty of a task.

    Attributes:
        name: stands after the task's name, as in scooping@clean.
        meaning: what is hard about it, as half a sentence for people.
        variation: how much two resets of one region differ.
    """

    name: str
    meaning: str
    variation: VariationRange = field(default_factory=VariationRange)
