"""Evidence for a difference as a bet against there being none: valid at any time, without a planned end."""

from math import exp, lgamma, log

from hndp_core.errors import InvalidSetting


def paired_e_value(only_first: int, only_second: int) -> float:
    """What a stake of 1 has become after betting on each discordant pair in turn.

    Without a difference the expected value is at most 1 at any stop, so it exceeds 1 / level with a chance of
    at most the level (Ville 1939), and e-values of further sessions may be multiplied onto it (Gruenwald, de
    Heide & Koolen 2024, "Safe testing", JRSS B 86:1091-1128). The bet is on each policy by the share of
    discordant pairs it has won, from a uniform prior: a mixture of likelihood ratios against 1/2.

    Args:
        only_first: pairs where the first policy alone succeeded
        only_second: pairs where the second alone did

    Raises:
        InvalidSetting: a negative count.
    """
    if min(only_first, only_second) < 0:
        raise InvalidSetting("discordant pairs", (only_first, only_second), "count from 0")
    both = only_first + only_second
    log_mixture = lgamma(only_first + 1) + lgamma(only_second + 1) - lgamma(both + 2)
    return exp(log_mixture + both * log(2))
