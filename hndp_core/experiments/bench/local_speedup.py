"""How much quicker all regions' local policies are trained at once than one after another."""

import time
from dataclasses import dataclass, replace

import numpy as np

from hndp_core.hierarchy.config import RefinementConfig
from hndp_core.hierarchy.datasets import DemonstrationSet
from hndp_core.hierarchy.local_experts import train_local_experts, train_one_after_another

ROUNDS = 3


@dataclass(frozen=True)
class LocalSpeedup:
    """Seconds of both ways, and how far their policies' trajectories lie apart at most."""

    stacked_s: float
    one_after_another_s: float
    difference_rad: float

    @property
    def factor(self) -> float:
        """Times that stacked training is quicker."""
        return self.one_after_another_s / self.stacked_s


def measure_local_speedup(
    config: RefinementConfig, demonstrations: DemonstrationSet, *, seed: int = 0, rounds: int = ROUNDS
) -> LocalSpeedup:
    """Train both ways in turn on one thread; the median of the rounds counts."""
    config = replace(config, threads=1)
    times: dict[str, list[float]] = {"stacked": [], "one after another": []}
    policies = {}
    for _ in range(rounds):
        for way, train in (
            ("stacked", lambda: train_local_experts(config, demonstrations, None, None, seed=seed)),
            ("one after another", lambda: train_one_after_another(config, demonstrations, None, seed=seed)),
        ):
            began = time.perf_counter()
            policies[way] = train()
            times[way].append(time.perf_counter() - began)
    paths = {
        way: np.stack(
            [
                policy.plan(row, demonstrations.states[row], demonstrations.starts[row])
                for row in range(len(demonstrations))
            ]
        )
        for way, policy in policies.items()
    }
    return LocalSpeedup(
        stacked_s=float(np.median(times["stacked"])),
        one_after_another_s=float(np.median(times["one after another"])),
        difference_rad=float(np.abs(paths["stacked"] - paths["one after another"]).max()),
    )
