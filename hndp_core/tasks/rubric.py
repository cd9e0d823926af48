"""Partial credit: how far a trial came, in milestones, and why it failed."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from hndp_core.errors import InvalidSetting

MOST_MILESTONES: Final = 6
MOST_FAILURE_MODES: Final = 8
"""One key each, 1 to 8; 9 is left for what is none of them."""

MOST_CHARACTERS: Final = 60


@dataclass(frozen=True)
class Milestone:
    """One thing that a trial can reach.

    Attributes:
        name: as half a sentence for people, such as "spoon in the bowl".
        credit: what it adds to the score; the credits of a rubric add up to 1.
    """

    name: str
    credit: float


@dataclass(frozen=True)
class Rubric:
    """What people may say of a trial beyond success and failure. An empty one asks nothing.

    Attributes:
        milestones: in the order in which a good trial reaches them.
        failure_modes: why a trial failed, the most frequent first.

    Raises:
        InvalidSetting: too many, a name that is empty, too long or there twice, or credits that are not
            positive or do not add up to 1.
    """

    milestones: tuple[Milestone, ...] = ()
    failure_modes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        names = [each.name for each in self.milestones]
        _check_names("milestones", names, MOST_MILESTONES)
        _check_names("failure_modes", self.failure_modes, MOST_FAILURE_MODES)
        credits = [each.credit for each in self.milestones]
        if credits and not (all(credit > 0 for credit in credits) and abs(sum(credits) - 1) < 1e-6):
            raise InvalidSetting("milestones", credits, "give credits above 0 that add up to 1")

    def score(self, reached: Collection[str]) -> float | None:
        """Return the credit, 0 to 1, of the milestones reached; None without milestones. Unknown names add
        nothing: a rubric may have changed since they were said.
        """
        if not self.milestones:
            return None
        return round(sum(each.credit for each in self.milestones if each.name in reached), 6)

    def up_to(self, count: int) -> tuple[str, ...]:
        """Names of the first milestones."""
        return tuple(each.name for each in self.milestones[:count])


def _check_names(field: str, names: Collection[str], most: int) -> None:
    if len(names) > most:
        raise InvalidSetting(field, len(names), f"name at most {most}")
    if len(set(names)) < len(names):
        raise InvalidSetting(field, list(names), "name each one once")
    for name in names:
        if not (name.strip() and len(name) <= MOST_CHARACTERS):
            raise InvalidSetting(field, name, f"give each a name of 1 to {MOST_CHARACTERS} characters")
