"""Whether one method did better than another: exact tests, and Holm's correction for making several."""

from collections.abc import Sequence

import numpy as np

from hndp_core.errors import InvalidSetting
from hndp_core.evaluation.success_rate import SuccessRate


def mcnemar(only_first: int, only_second: int) -> float:
    """Two-sided p of McNemar's exact test for pairs of trials under the same conditions.

    Pairs that ended alike say nothing; of the others, each would be equally likely to favour either
    method if there were no difference (McNemar 1947, exact binomial form).

    Args:
        only_first: pairs where the first method alone succeeded
        only_second: pairs where the second alone did
    """
    from scipy.stats import binomtest  # heavy

    if min(only_first, only_second) < 0:
        raise InvalidSetting("discordant pairs", (only_first, only_second), "count from 0")
    if only_first + only_second == 0:
        return 1.0
    return float(binomtest(only_first, only_first + only_second, 0.5).pvalue)


def barnard(first: SuccessRate, second: SuccessRate) -> float:
    """Two-sided p of Barnard's exact test for two independent series of trials (Barnard 1945)."""
    from scipy.stats import barnard_exact  # heavy

    if 0 in (first.trials, second.trials):
        return 1.0
    rates = {first.successes / first.trials, second.successes / second.trials}
    if rates in ({0.0}, {1.0}):
        return 1.0  # the test's statistic is not defined where nobody, or everybody, succeeded
    table = np.array(
        [
            [first.successes, second.successes],
            [first.trials - first.successes, second.trials - second.successes],
        ]
    )
    return float(barnard_exact(table, alternative="two-sided").pvalue)


def holm(p_values: Sequence[float]) -> list[float]:
    """Adjusted p of each of several comparisons, in the order given (Holm 1979).

    Rejecting where the adjusted p is below a level errs in any of them at most as often as the level says.
    """
    adjusted = [0.0] * len(p_values)
    greatest = 0.0
    for rank, index in enumerate(sorted(range(len(p_values)), key=lambda each: p_values[each])):
        greatest = max(greatest, min(1.0, (len(p_values) - rank) * p_values[index]))
        adjusted[index] = greatest
    return adjusted
