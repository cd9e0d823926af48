"""Success by region, where each region has few trials: estimates that borrow from the other regions."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from jaxtyping import Float64

from hndp_core.evaluation.success_rate import SuccessRate

_STRENGTHS: Final = np.geomspace(0.5, 1000.0, 200)
"""Candidates for how many trials' worth the pooled rate counts in each region."""


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
    by the likelihood of all counts: where they differ no more than chance lets expect, each is drawn all the
    way to the pooled rate.
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
    """Trials' worth of the pooled rate that makes all counts most likely."""
    from scipy.special import betaln  # heavy

    won, lost = _STRENGTHS[:, None] * pooled, _STRENGTHS[:, None] * (1 - pooled)
    likelihood = (betaln(won + successes, lost + trials - successes) - betaln(won, lost)).sum(axis=1)
    return float(_STRENGTHS[int(np.argmax(likelihood))])
