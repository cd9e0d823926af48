"""The bench of the sequential comparison: what looking after every pair costs, what stopping saves."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from hndp_core.evaluation.sample_size import trials_per_arm
from hndp_core.evaluation.sequential import SequentialPlan, judge, operating_characteristic, plan_pairs
from hndp_core.experiments.bench.record import BenchRecord, Target, present_commit
from hndp_core.seeding import seed_for

SESSIONS: Final = 2_000
LEVEL, POWER = 0.05, 0.8
RATES: Final = (0.6, 0.8)
NULL_RATES: Final = (0.2, 0.35, 0.5, 0.65, 0.8)
"""Success rates without a difference: the sessions are divided among them."""

TARGETS: dict[str, Target] = {
    "false_positive_rate": {"at_most": 0.06},
    "mean_trials_saved": {"at_least": 0.2},
}


@dataclass(frozen=True)
class _Sessions:
    """What many sessions came to: the share that found a difference, and the pairs that they ran."""

    found: float
    mean_pairs: float


def measure(*, sessions: int = SESSIONS, seed: int = 0) -> BenchRecord:
    """Simulate sessions of two policies whose evidence is looked at after each pair.

    Args:
        sessions: without a difference, and as many with one
        seed: of all that is drawn
    """
    plan = plan_pairs(*RATES, power=POWER, level=LEVEL)
    share = -(-sessions // len(NULL_RATES))
    null = [
        _simulate(plan, rate, rate, share, seed_for(seed, "null", place))
        for place, rate in enumerate(NULL_RATES)
    ]
    found = _simulate(plan, *RATES, sessions, seed_for(seed, "difference"))
    exact = operating_characteristic(plan, *RATES)
    fixed = trials_per_arm(*RATES, power=exact.power, level=LEVEL)
    worst = max(operating_characteristic(plan, rate, rate).power for rate in NULL_RATES)
    figures = {
        "sessions": float(share * len(NULL_RATES)),
        "planned_pairs": float(plan.pairs),
        "false_positive_rate": float(np.mean([each.found for each in null])),
        "false_positive_rate_exact_worst": worst,
        "power": found.found,
        "power_exact": exact.power,
        "mean_pairs": found.mean_pairs,
        "mean_pairs_exact": exact.mean_pairs,
        "fixed_trials_per_arm": float(fixed),
        "mean_trials_saved": 1 - found.mean_pairs / fixed,
        "mean_trials_saved_exact": 1 - exact.mean_pairs / fixed,
        "mean_pairs_without_difference": float(np.mean([each.mean_pairs for each in null])),
    }
    notes = {
        "false_positive_rate": f"over rates {', '.join(f'{rate:g}' for rate in NULL_RATES)}, level {LEVEL:g}",
        "mean_trials_saved": f"at {RATES[0]:g} against {RATES[1]:g}, against a fixed plan of the same power",
    }
    return BenchRecord("sequential", present_commit(), figures, TARGETS, notes)


def _simulate(plan: SequentialPlan, first: float, second: float, sessions: int, seed: int) -> _Sessions:
    """Run sessions of independent pairs, each until its evidence is enough or its pairs are used up."""
    generator = np.random.default_rng(seed)
    found, run = 0, 0
    for _ in range(sessions):
        signs = (generator.random(plan.pairs) < first).astype(int) - (generator.random(plan.pairs) < second)
        pairs, decided = _peek(plan, signs)
        found, run = found + decided, run + pairs
    return _Sessions(found / sessions, run / sessions)


def _peek(plan: SequentialPlan, signs: np.ndarray) -> tuple[int, bool]:
    """Look after every pair; returns how many were run, and whether a difference was found."""
    for pairs in range(1, plan.pairs):
        seen = signs[:pairs]
        if judge(plan, seen[seen != 0].tolist(), ended=False).decided:
            return pairs, True
    return plan.pairs, judge(plan, signs[signs != 0].tolist(), ended=True).decided
