"""Which demonstrations and trials of an experiment go into a data set, and in which format."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final, Self

from app.platform.errors import Invalid
from hndp_core.data.dataset.format_names import FORMATS

PURPOSES: Final = ("local", "gate", "held_out")
LABELS: Final = ("success", "failure", "invalid", "unlabelled")
DEMONSTRATIONS: Final = ("accepted", "recorded")


@dataclass(frozen=True)
class Selection:
    """What a data set holds.

    Raises:
        Invalid: an unknown word, or nothing chosen; names the input.
    """

    format: str = "lerobot"
    demonstrations: tuple[str, ...] = ("accepted",)
    """Statuses of those that are taken."""
    purposes: tuple[str, ...] = ()
    """Of the trials that are taken."""
    labels: tuple[str, ...] = LABELS
    """Of gate and held-out trials; nobody labels a local one."""
    iterations: tuple[int, ...] = ()
    """Of the trials; none: all."""

    def __post_init__(self) -> None:
        _known("format", (self.format,), tuple(FORMATS))
        _known("demonstrations", self.demonstrations, DEMONSTRATIONS)
        _known("purposes", self.purposes, PURPOSES)
        _known("labels", self.labels, LABELS)
        if not self.demonstrations and not self.purposes:
            raise Invalid("Choose demonstrations, trials, or both.", field="demonstrations")
        if not self.labels:
            raise Invalid("Choose at least one label.", field="labels")
        if any(each < 1 for each in self.iterations):
            raise Invalid("Iterations count from 1.", field="iterations")

    def to_json(self) -> dict[str, Any]:
        return {
            name: list(value) if isinstance(value, tuple) else value for name, value in asdict(self).items()
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """The inverse of `to_json`."""
        known: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value for name, value in stored.items()
        }
        return cls(**known)


def read_iterations(text: str) -> tuple[int, ...]:
    """Iterations as people write them: "1, 3-5"; empty for all.

    Raises:
        Invalid: it says something else.
    """
    chosen: set[int] = set()
    for part in re.split(r"[\s,]+", text.strip()):
        if not part:
            continue
        found = re.fullmatch(r"(\d{1,3})(?:-(\d{1,3}))?", part)
        if found is None:
            raise Invalid(
                f"{part!r} is no iteration: write numbers and ranges, such as 1, 3-5.", field="iterations"
            )
        first, last = int(found[1]), int(found[2] or found[1])
        chosen.update(range(first, last + 1))
    return tuple(sorted(chosen))


def read_words(text: str) -> tuple[str, ...]:
    """Words as people write them on a command line: "gate, held_out"; "none" for none."""
    words = tuple(each.strip() for each in text.split(",") if each.strip())
    return () if words == ("none",) else words


def _known(field: str, chosen: Sequence[str], known: Sequence[str]) -> None:
    for each in chosen:
        if each not in known:
            raise Invalid(f"There is no choice {each!r}. Available: {', '.join(known)}.", field=field)
