"""The order in which the trials of a comparison are run: random, and fair to policies, regions and time."""

from dataclasses import dataclass

import numpy as np

from hndp_core.errors import InvalidSetting
from hndp_core.seeding import seed_for

MOST_POLICIES = 6


@dataclass(frozen=True)
class Turn:
    """One trial's place in the order; all count from 0.

    Attributes:
        block: of trials that holds each policy once in each region
        region: where
        policy: whose
    """

    block: int
    region: int
    policy: int


def interleaved_order(policies: int, regions: int, repeats: int, seed: int) -> list[Turn]:
    """Blocks one after another, one for each repeat; in a block all regions in random order, and in a region
    all policies in random order.

    Policies meet a region within minutes of each other, so that what changes over a session meets all alike;
    and wherever a session ends, no policy has run more than one trial more than another.

    Raises:
        InvalidSetting: less than two policies or more than `MOST_POLICIES`, no region, or no repeat.
    """
    if not 2 <= policies <= MOST_POLICIES:
        raise InvalidSetting("policies", policies, f"compare 2 to {MOST_POLICIES}")
    for name, value in (("regions", regions), ("repeats", repeats)):
        if value < 1:
            raise InvalidSetting(name, value, "choose at least one")
    generator = np.random.default_rng(seed_for(seed, "order"))
    return [
        Turn(block, int(region), int(policy))
        for block in range(repeats)
        for region in generator.permutation(regions)
        for policy in generator.permutation(policies)
    ]


def drawn_letters(policies: int, seed: int) -> list[str]:
    """A letter for each policy, A, B, ..., drawn at random."""
    drawn = np.random.default_rng(seed_for(seed, "letters")).permutation(policies)
    return [chr(ord("A") + int(each)) for each in drawn]


def scene_seed(
    seed: int, split: str, region_index: int, repeat: int, *, letter: str | None = None, attempt: int = 0
) -> int:
    """The seed of a trial's scene variation.

    Args:
        seed: of the session
        split: of the region
        region_index: `Region.index`
        repeat: 0, 1, ...
        letter: None in a paired session, where all policies meet the same variation, in every attempt
        attempt: how often the trial was invalid before
    """
    if letter is None:
        return seed_for(seed, "evaluation", split, region_index, repeat)
    return seed_for(seed, "evaluation", split, region_index, repeat, letter, attempt)
