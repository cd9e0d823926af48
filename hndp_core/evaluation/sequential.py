"""A comparison that may be looked at after every pair of trials and still keeps its level.

Pairs are trials of two policies in the same region and repeat. Where there is no difference, a pair in which
exactly one succeeds favours either with chance 1/2, whatever the success rates: the lead of one policy over
the other is a fair walk. The test ends when the lead reaches a boundary. It is the closed sequential design
for paired trials of Armitage (1957, Biometrika 44:9-26), whose boundary spends the level in proportion to
the discordant pairs seen (Lan & DeMets 1983, Biometrika 70:659-663; the linear function of Kim & DeMets 1987,
Biometrika 74:149-154), computed exactly by counting the walk's paths. After a boundary was reached, or after
the last planned pair, p-values order the outcomes by when they ended the test, then by the lead (Fairbanks &
Madsen 1982, Biometrika 69:69-74).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np
from jaxtyping import Float64

from hndp_core.errors import InvalidSetting
from hndp_core.evaluation.sample_size import check_question, discordance, pairs_needed

_ROUNDING = 1e-12
_MOST_PAIRS = 4_000
"""Where the search for a plan ends: then the difference is too small for trials on an arm."""


@dataclass(frozen=True)
class SequentialPlan:
    """A comparison of two policies, settled before its first trial.

    Attributes:
        pairs: of trials, at most
        level: chance to find a difference where there is none, over all looks together
    """

    pairs: int
    level: float = 0.05

    def __post_init__(self) -> None:
        if self.pairs < 1:
            raise InvalidSetting("pairs", self.pairs, "plan at least one")
        if not 0 < self.level < 1:
            raise InvalidSetting("level", self.level, "choose a value between 0 and 1, without these")

    @property
    def horizon(self) -> int:
        """Discordant pairs after which the whole level is spent: as many as equal rates can let expect."""
        return -(-self.pairs // 2)

    @property
    def boundaries(self) -> tuple[int, ...]:
        """The lead that ends the test after 1, 2, ..., `horizon` discordant pairs."""
        return _boundaries(self.horizon, self.level)


@dataclass(frozen=True)
class SequentialResult:
    """Where a sequential comparison stands.

    Attributes:
        favours: which policy did better, once that is decided
        p: two-sided; None while the test goes on
        discordant: pairs that the decision, or the present state, rests on
        lead: of the first policy among them; negative where the second leads
    """

    favours: Literal["first", "second"] | None
    p: float | None
    discordant: int
    lead: int

    @property
    def decided(self) -> bool:
        return self.favours is not None


@dataclass(frozen=True)
class OperatingCharacteristic:
    """What a plan does at given success rates: exact, for pairs whose trials are independent.

    Attributes:
        power: chance to find a difference
        mean_pairs: that are run until the test ends
    """

    power: float
    mean_pairs: float


def judge(plan: SequentialPlan, signs: Sequence[int], *, ended: bool) -> SequentialResult:
    """Judge the discordant pairs so far.

    Args:
        plan: settled before
        signs: one for each discordant pair in the planned order: 1 where the first policy alone succeeded,
            -1 where the second did. The order must not depend on outcomes.
        ended: whether no further pair will come, for whatever reason but the outcomes
    """
    exits, undecided = _walk(plan.boundaries, 0.5)
    lead, seen = 0, min(len(signs), plan.horizon)
    for discordant, sign in enumerate(signs[:seen], start=1):
        lead += sign
        if abs(lead) >= plan.boundaries[discordant - 1]:
            before = _step(undecided[discordant - 1], 0.5)
            p = exits[discordant - 1] + _beyond(before, abs(lead))
            return SequentialResult("first" if lead > 0 else "second", float(p), discordant, lead)
    if not ended and seen < plan.horizon:
        return SequentialResult(None, None, seen, lead)
    p = min(1.0, float(exits[seen] + _beyond(undecided[seen], abs(lead))))
    if p > plan.level + _ROUNDING or lead == 0:
        return SequentialResult(None, p, seen, lead)
    return SequentialResult("first" if lead > 0 else "second", p, seen, lead)


def operating_characteristic(plan: SequentialPlan, first: float, second: float) -> OperatingCharacteristic:
    """How often the plan finds a difference between two success rates, and how soon."""
    chance = discordance(first, second)
    favour = first * (1 - second) / chance if chance else 0.5
    exits, undecided = _walk(plan.boundaries, favour)
    horizon = plan.horizon
    discordant = np.zeros(plan.pairs + 1)  # distribution of their number after some pairs
    discordant[0], mean_pairs = 1.0, 0.0
    capped = np.minimum(np.arange(plan.pairs + 1), horizon)
    for _ in range(plan.pairs):
        mean_pairs += float(discordant @ (1 - exits[capped]))
        discordant = discordant * (1 - chance) + np.concatenate([[0.0], discordant[:-1]]) * chance
    found_at_the_end = np.array([_found_at_the_end(plan, each, undecided[each]) for each in range(horizon)])
    found = exits + np.append(found_at_the_end, 0.0)
    return OperatingCharacteristic(float(discordant @ found[capped]), mean_pairs)


def plan_pairs(first: float, second: float, power: float = 0.8, level: float = 0.05) -> SequentialPlan:
    """A plan, about the smallest, that finds the difference between two success rates with the asked power.

    Raises:
        InvalidSetting: no difference to find, a value outside (0, 1), or more than thousands of pairs.
    """
    check_question(first, second, power, level)
    pairs = pairs_needed(first, second, power, level)
    while pairs <= _MOST_PAIRS:
        plan = SequentialPlan(pairs, level)
        lacking = power - operating_characteristic(plan, first, second).power
        if lacking <= 0:
            return plan
        pairs += max(1, int(pairs * lacking))  # power rises more slowly than that
    raise InvalidSetting(
        "difference",
        round(abs(first - second), 3),
        f"it takes more than {_MOST_PAIRS} pairs; choose a larger one",
    )


def _found_at_the_end(
    plan: SequentialPlan, discordant: int, undecided: Float64[np.ndarray, " lead"]
) -> float:
    """Chance that a walk goes on until its last pair and is then decided by what was left of the level."""
    exits, fair = _walk(plan.boundaries, 0.5)
    left = plan.level - exits[discordant] + _ROUNDING
    least = next(lead for lead in range(plan.horizon + 2) if _beyond(fair[discordant], lead) <= left)
    return _beyond(undecided, max(1, least))


@lru_cache(maxsize=64)
def _boundaries(horizon: int, level: float) -> tuple[int, ...]:
    """The lowest leads whose chance under a fair walk stays within the level spent so far."""
    walk, spent, found = _start(horizon), 0.0, []
    for discordant in range(1, horizon + 1):
        walk = _step(walk, 0.5)
        left = level * discordant / horizon - spent + _ROUNDING
        lead = next(each for each in range(1, horizon + 2) if _beyond(walk, each) <= left)
        spent += _beyond(walk, lead)
        walk = _within(walk, lead)
        found.append(lead)
    return tuple(found)


@lru_cache(maxsize=64)
def _walk(
    boundaries: tuple[int, ...], favour: float
) -> tuple[Float64[np.ndarray, " discordant"], Float64[np.ndarray, "discordant lead"]]:
    """After 0, 1, ... discordant pairs: the chance that the test has ended, and where it is if not.

    Args:
        boundaries: leads that end it
        favour: chance that a discordant pair favours the first policy
    """
    walk = _start(len(boundaries))
    exits, undecided = [0.0], [walk]
    for lead in boundaries:
        walk = _step(walk, favour)
        exits.append(exits[-1] + _beyond(walk, lead))
        walk = _within(walk, lead)
        undecided.append(walk)
    return np.array(exits), np.stack(undecided)


def _start(horizon: int) -> Float64[np.ndarray, " lead"]:
    """All chance at a lead of 0; leads run from -horizon to horizon."""
    walk = np.zeros(2 * horizon + 1)
    walk[horizon] = 1.0
    return walk


def _step(walk: Float64[np.ndarray, " lead"], favour: float) -> Float64[np.ndarray, " lead"]:
    after = np.zeros_like(walk)
    after[1:] += favour * walk[:-1]
    after[:-1] += (1 - favour) * walk[1:]
    return after


def _beyond(walk: Float64[np.ndarray, " lead"], lead: int) -> float:
    """Chance of a lead at least as large, of either policy."""
    return float(walk[np.abs(_leads(walk)) >= lead].sum())


def _within(walk: Float64[np.ndarray, " lead"], lead: int) -> Float64[np.ndarray, " lead"]:
    return np.where(np.abs(_leads(walk)) < lead, walk, 0.0)


def _leads(walk: Float64[np.ndarray, " lead"]) -> np.ndarray:
    horizon = len(walk) // 2
    return np.arange(-horizon, horizon + 1)
