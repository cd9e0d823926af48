"""How many trials a comparison takes, from the difference that is worth detecting."""

from math import ceil, sqrt
from statistics import NormalDist

from hndp_core.errors import InvalidSetting


def trials_per_arm(first: float, second: float, power: float = 0.8, level: float = 0.05) -> int:
    """Trials of each of two policies, so that a two-sided test tells their success rates apart.

    Normal approximation for two independent series (Fleiss, Levin & Paik 2003, Eq. 4.14 without its
    continuity correction).

    Args:
        first: true success rate of one policy
        second: that of the other
        power: chance to find the difference
        level: chance to find one where there is none

    Raises:
        InvalidSetting: no difference to find, or a value outside (0, 1).
    """
    check_question(first, second, power, level)
    mean = (first + second) / 2
    reach = _quantile(1 - level / 2) * sqrt(2 * mean * (1 - mean))
    reach += _quantile(power) * sqrt(first * (1 - first) + second * (1 - second))
    return ceil((reach / (first - second)) ** 2)


def pairs_needed(first: float, second: float, power: float = 0.8, level: float = 0.05) -> int:
    """Pairs of trials under the same conditions for McNemar's test (Connor 1987, Eq. 3).

    Takes outcomes of a pair to be independent given the rates: where conditions that are hard for one policy
    are hard for the other, too, fewer pairs do.

    Raises:
        InvalidSetting: no difference to find, or a value outside (0, 1).
    """
    check_question(first, second, power, level)
    discordant, difference = discordance(first, second), first - second
    reach = _quantile(1 - level / 2) * sqrt(discordant)
    reach += _quantile(power) * sqrt(discordant - difference**2)
    return ceil((reach / difference) ** 2)


def discordance(first: float, second: float) -> float:
    """Chance that exactly one of two independent trials succeeds."""
    return first * (1 - second) + second * (1 - first)


def check_question(first: float, second: float, power: float, level: float) -> None:
    """
    Raises:
        InvalidSetting: no difference to find, or a value outside (0, 1).
    """
    for name, value in (("first rate", first), ("second rate", second), ("power", power), ("level", level)):
        if not 0 < value < 1:
            raise InvalidSetting(name, value, "choose a value between 0 and 1, without these")
    if first == second:
        raise InvalidSetting("second rate", second, "choose one that differs from the first")
    if power <= level:
        raise InvalidSetting("power", power, f"choose more than the level {level:g}")


def _quantile(probability: float) -> float:
    return NormalDist().inv_cdf(probability)
