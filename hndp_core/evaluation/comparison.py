"""Every policy of a session against every other, by the test that its design calls for."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Literal

import numpy as np
from jaxtyping import Float64

from hndp_core.evaluation.e_value import paired_e_value
from hndp_core.evaluation.sequential import SequentialPlan, judge
from hndp_core.evaluation.significance import barnard, holm, mcnemar
from hndp_core.evaluation.success_rate import SuccessRate

Test = Literal["McNemar", "Barnard", "sequential"]

Outcomes = Float64[np.ndarray, "policy condition"]
"""1 for success, 0 for failure, nan where there is none. Conditions are (region, repeat) in planned order."""


@dataclass(frozen=True)
class Comparison:
    """Two policies, by their place among the outcomes.

    Attributes:
        first: row of one policy
        second: row of the other
        test: that was made
        pairs: conditions in which both have an outcome
        only_first: of these, where the first alone succeeded
        only_second: where the second alone did
        p: two-sided; None in a sequential comparison that is not over
        adjusted_p: for all comparisons of the session together
        different: whether a difference was found at the session's level
        e_value: evidence for a difference that is valid at any stop
    """

    first: int
    second: int
    test: Test
    pairs: int
    only_first: int
    only_second: int
    p: float | None
    adjusted_p: float | None
    different: bool
    e_value: float


def compare_paired(outcomes: Outcomes, level: float = 0.05) -> list[Comparison]:
    """McNemar's exact test of each two policies, with Holm's correction."""

    def p_of(first: int, second: int, only_first: int, only_second: int) -> float:
        return mcnemar(only_first, only_second)

    return _corrected(outcomes, "McNemar", p_of, level)


def compare_independent(outcomes: Outcomes, level: float = 0.05) -> list[Comparison]:
    """Barnard's exact test of each two policies, with Holm's correction."""
    counted = [SuccessRate(int(np.nansum(row)), int(np.count_nonzero(~np.isnan(row)))) for row in outcomes]

    def p_of(first: int, second: int, only_first: int, only_second: int) -> float:
        return barnard(counted[first], counted[second])

    return _corrected(outcomes, "Barnard", p_of, level)


def compare_sequentially(outcomes: Outcomes, level: float = 0.05, *, ended: bool) -> list[Comparison]:
    """The sequential comparison of each two policies, each at its part of the level (Bonferroni).

    While trials are still to come, only pairs before the first open condition are looked at: which pair is
    looked at when must not depend on how trials end.

    Args:
        outcomes: of all planned conditions
        level: for all comparisons together
        ended: whether no further trial will come
    """
    couples = list(combinations(range(len(outcomes)), 2))
    plan = SequentialPlan(max(1, outcomes.shape[1]), level / max(1, len(couples)))
    found = []
    for first, second in couples:
        leads = _looked_at(outcomes[first] - outcomes[second], ended)
        signs = leads[leads != 0].astype(int).tolist()
        result = judge(plan, signs, ended=ended)
        only_first, only_second = signs.count(1), signs.count(-1)
        found.append(
            Comparison(
                first,
                second,
                "sequential",
                len(leads),
                only_first,
                only_second,
                result.p,
                None if result.p is None else min(1.0, result.p * len(couples)),
                result.decided,
                paired_e_value(only_first, only_second),
            )
        )
    return found


def _looked_at(leads: Float64[np.ndarray, " condition"], ended: bool) -> Float64[np.ndarray, " pair"]:
    """Of the pairs' leads those that count now: nan is an open pair."""
    open_ones = np.flatnonzero(np.isnan(leads))
    if not ended and len(open_ones):
        return leads[: open_ones[0]]
    return leads[np.isfinite(leads)]


def _corrected(
    outcomes: Outcomes, test: Test, p_of: Callable[[int, int, int, int], float], level: float
) -> list[Comparison]:
    found, p_values = [], []
    for first, second in combinations(range(len(outcomes)), 2):
        lead = outcomes[first] - outcomes[second]
        only_first, only_second = int(np.count_nonzero(lead == 1)), int(np.count_nonzero(lead == -1))
        p = p_of(first, second, only_first, only_second)
        p_values.append(p)
        found.append(
            Comparison(
                first,
                second,
                test,
                int(np.count_nonzero(~np.isnan(lead))),
                only_first,
                only_second,
                p,
                p,
                False,
                paired_e_value(only_first, only_second),
            )
        )
    return [
        replace(each, adjusted_p=p, different=p <= level)
        for each, p in zip(found, holm(p_values), strict=True)
    ]
