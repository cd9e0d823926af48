"""Intervals of a mean whose distribution nobody knows, such as that of partial credit."""

from typing import Final

import numpy as np
from jaxtyping import Float64

RESAMPLES: Final = 10_000
_AT_ONCE: Final = 2_000_000
"""Numbers drawn at a time, so that many trials do not fill the memory."""


def bootstrap_interval(
    scores: Float64[np.ndarray, " trial"],
    *,
    seed: int,
    confidence: float = 0.95,
    resamples: int = RESAMPLES,
) -> tuple[float, float]:
    """Percentile interval of the mean of scores between 0 and 1 (Efron 1979); (0, 1) without a trial.

    Under about ten trials, or where all scores are alike, it is too narrow: look at the counts, too.

    Args:
        scores: one of each trial
        seed: of the resampling; the same one gives the same bits
        confidence: share of the resampled means that it holds
        resamples: how many
    """
    if len(scores) == 0:
        return 0.0, 1.0
    generator = np.random.default_rng(seed)
    rows = max(1, _AT_ONCE // len(scores))
    means = np.concatenate(
        [
            generator.choice(scores, (min(rows, resamples - done), len(scores))).mean(axis=1)
            for done in range(0, resamples, rows)
        ]
    )
    low, high = np.quantile(means, [(1 - confidence) / 2, (1 + confidence) / 2])
    return float(low), float(high)
