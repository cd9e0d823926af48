"""Success by region, where each region has few trials: estimates that borrow from the other regions."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from jaxtyping import Float64

from hndp_core.evaluation.success_rate import SuccessRate

_CANDIDATES: Final = 200
_WEAKEST: Final = 0.5


@dataclass(frozen=True)
class ShrunkRate:
    """A region's success rate, drawn towards that of all regions.

    Attributes:
        counted: what was seen there
        rate: estimate
        low: of its 95 % credible interval
        high: of the same
    """

    counted: SuccessRate
    rate: float
    low: float
    high: float


def shrink(counted: Sequence[SuccessRate], confidence: float = 0.95) -> list[ShrunkRate]:
    """Estimates of several regions by beta-binomial empirical Bayes (Efron & Morris 1975; Casella 1985).

    Regions' rates are drawn from a beta distribution about the pooled rate. How much they differ is chosen
    by the likelihood of all counts: where they differ no more than chance lets expect, each is drawn nearly
    all the way to the pooled rate. That rate counts for no more trials than there are.
    """
    from scipy.special import betaincinv  # heavy

    successes = np.array([each.successes for each in counted], dtype=np.float64)
    trials = np.array([each.trials for each in counted], dtype=np.float64)
    pooled = (successes.sum() + 0.5) / (trials.sum() + 1.0)  # never 0 or 1
    strength = _strength(successes, trials, pooled)
    wins, losses = strength * pooled + successes, strength * (1 - pooled) + trials - successes
    tail = (1 - confidence) / 2
    return [
        ShrunkRate(
            each,
            float(won / (won + lost)),
            float(betaincinv(won, lost, tail)),
            float(betaincinv(won, lost, 1 - tail)),
        )
        for each, won, lost in zip(counted, wins, losses, strict=True)
    ]


def _strength(
    successes: Float64[np.ndarray, " region"], trials: Float64[np.ndarray, " region"], pooled: float
) -> float:
    """How many trials' worth the pooled rate counts in each region, so that all counts are most likely."""
    from scipy.special import betaln  # heavy

    strengths = np.geomspace(_WEAKEST, max(_WEAKEST, trials.sum()), _CANDIDATES)
    won, lost = strengths[:, None] * pooled, strengths[:, None] * (1 - pooled)
    likelihood = (betaln(won + successes, lost + trials - successes) - betaln(won, lost)).sum(axis=1)
    return float(strengths[int(np.argmax(likelihood))])
