"""What the physics says about the end of a rollout."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Outcome:
    """Judgement of a simulated scene; a real robot has none.

    Attributes:
        success: whether the task was done.
        measures: what the judgement rests on, by name with its unit in the name; without one it is a count
            or a class, -1 for none.
    """

    success: bool
    measures: Mapping[str, float]
