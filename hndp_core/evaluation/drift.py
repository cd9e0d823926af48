"""Whether success changed over a session: a lamp that moved, a gripper that wore, an operator who tired."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from jaxtyping import Bool, Int64

from hndp_core.errors import ShapeMismatch

PERMUTATIONS: Final = 10_000
_ROUNDING: Final = 1e-9


@dataclass(frozen=True)
class Drift:
    """Trend of success over the order of trials.

    Attributes:
        change: of the success rate from the first trial to the last, by a straight line within each policy
        p: two-sided
    """

    change: float
    p: float


def drift(
    successes: Bool[np.ndarray, " trial"],
    policies: Int64[np.ndarray, " trial"],
    *,
    seed: int,
    permutations: int = PERMUTATIONS,
) -> Drift | None:
    """Permutation test of a linear trend (Cochran 1954, Armitage 1955), within policies.

    Outcomes are shuffled among the trials of the same policy, so that policies of different success make no
    trend. None where that leaves nothing to shuffle: no policy with both outcomes.

    Args:
        successes: outcomes in the order in which the trials were run
        policies: number of each trial's policy
        seed: of the shuffling; the same one gives the same bits
        permutations: how many

    Raises:
        ShapeMismatch: another number of policies than of outcomes.
    """
    if successes.shape != policies.shape:
        raise ShapeMismatch("policies", policies.shape, str(successes.shape))
    generator = np.random.default_rng(seed)
    time = np.linspace(0.0, 1.0, len(successes)) if len(successes) else np.empty(0)
    found, spread, shuffled = 0.0, 0.0, np.zeros(permutations)
    for policy in np.unique(policies):
        here = policies == policy
        centred = time[here] - time[here].mean()
        outcomes = successes[here].astype(np.float64)
        if outcomes.min() == outcomes.max():
            continue
        found += float(centred @ outcomes)
        spread += float(centred @ centred)
        rows = np.broadcast_to(outcomes, (permutations, len(outcomes)))
        shuffled += generator.permuted(rows, axis=1) @ centred
    if spread == 0:
        return None
    as_far = np.count_nonzero(np.abs(shuffled) >= abs(found) - _ROUNDING)
    return Drift(found / spread, (as_far + 1) / (permutations + 1))
