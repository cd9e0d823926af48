"""Digit cards: which digit, in whose hand. Light to import: strokes are drawn elsewhere."""

import re
from dataclasses import dataclass
from typing import Final, Self

from hndp_core.errors import HndpError, InvalidSetting
from hndp_core.seeding import seed_for

DIGITS: Final = 10

MOST_CARDS: Final = 30
"""Cards of a split in one layout."""

_SUBJECT = re.compile(r"digit (\d), writer (\d+)")

# Ranges of writers' numbers that never meet: below the first come those of layouts, by layout seed and split.
_PRETRAINING_WRITERS: Final = 10**12
_JUDGE_WRITERS: Final = 2 * 10**12
_WRITERS_PER_PURPOSE: Final = 10**11
_WRITERS_PER_LAYOUT: Final = 2 * MOST_CARDS


class UnreadableCard(HndpError, ValueError):
    """A region's subject that names no card."""

    def __init__(self, subject: str) -> None:
        super().__init__(f"There is no card {subject!r}: write it as 'digit 7, writer 12'.")


@dataclass(frozen=True)
class Card:
    """A card that shows one handwritten digit.

    Attributes:
        digit: 0 to 9.
        writer: number of the writer; equal numbers write alike.
    """

    digit: int
    writer: int

    def __post_init__(self) -> None:
        if not 0 <= self.digit < DIGITS:
            raise InvalidSetting("digit", self.digit, "use 0 to 9")
        if self.writer < 0:
            raise InvalidSetting("writer", self.writer, "use 0 or more")

    @property
    def subject(self) -> str:
        """What a region calls this card."""
        return f"digit {self.digit}, writer {self.writer}"

    @classmethod
    def named(cls, subject: str) -> Self:
        """The inverse of `subject`.

        Raises:
            UnreadableCard: it names none.
        """
        found = _SUBJECT.fullmatch(subject)
        if found is None:
            raise UnreadableCard(subject)
        return cls(int(found[1]), int(found[2]))

    @classmethod
    def of_layout(cls, layout_seed: int, index: int, *, held_out: bool) -> Self:
        """The card of a region: digits in turn, and no writer twice over all layouts and splits.

        Args:
            layout_seed: which layout
            index: number of the region within its split, from 1 to `MOST_CARDS`
            held_out: whether the region is held out
        """
        if not 1 <= index <= MOST_CARDS:
            raise InvalidSetting("index", index, f"the rack holds {MOST_CARDS} cards of each split")
        writer = layout_seed * _WRITERS_PER_LAYOUT + MOST_CARDS * held_out + index
        return cls((index - 1) % DIGITS, writer)

    @classmethod
    def for_pretraining(cls, seed: int, number: int) -> Self:
        """A card whose writer no layout and no judge knows."""
        first = seed_for(seed, "writers") % _WRITERS_PER_PURPOSE
        return cls(number % DIGITS, _PRETRAINING_WRITERS + first + number)

    @classmethod
    def for_judge(cls, number: int) -> Self:
        """A card that the judge learns digits from; no layout and no pretraining knows its writer."""
        return cls(number % DIGITS, _JUDGE_WRITERS + number)
