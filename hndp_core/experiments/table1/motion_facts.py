"""How smooth and how safe trajectories are, and how closely local policies follow their demonstrations."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from hndp_core.hierarchy.datasets import DemonstrationSet, TrialSet
from hndp_core.robots.time_scaling import GREATEST_SLOW_DOWN, least_slow_down
from hndp_core.rollout.motion_quality import squared_jerk

SHOWN_REGIONS, SHOWN_JOINTS, SHOWN_EVERY = 4, (2, 4), 5
"""What is kept for drawing: regions, joints (from 1) that move most in all tasks, one row in so many."""

LocalPlan = Callable[[int, np.ndarray, np.ndarray], np.ndarray]
"""`LocalPolicies.plan`: (region, counted from 0; state; joints) -> trajectory [rad]."""


@dataclass(frozen=True)
class MotionFacts:
    """Of some trajectories.

    Attributes:
        squared_jerk: of each, see `squared_jerk` [rad^2/s^5]
        slow_downs: of each, the least factor on time that keeps the limits of the Panda's joints; 1: fits as
            it is; None: leaves the joints' range, which no slow-down heals
    """

    squared_jerk: tuple[float, ...]
    slow_downs: tuple[float | None, ...]

    @property
    def violating(self) -> int:
        """How many would break a limit as they are."""
        return sum(factor is None or factor > 1 for factor in self.slow_downs)

    @property
    def violating_scaled(self) -> int:
        """How many would break one even when slowed down by up to `GREATEST_SLOW_DOWN`."""
        return sum(factor is None or factor > GREATEST_SLOW_DOWN for factor in self.slow_downs)


@dataclass(frozen=True)
class LocalFacts:
    """Local policies beside the demonstrations that they learned from (H-NDP Fig. 3).

    Attributes:
        demonstration_jerk: squared jerk of each demonstration [rad^2/s^5]
        local_jerk: of what the local policy plans from that demonstration's start
        error_rad: root mean square difference of the two, over time and joints
        curves: for a few regions: {"region", "joint", "demonstration", "local"}, joint angles [rad]
    """

    demonstration_jerk: tuple[float, ...]
    local_jerk: tuple[float, ...]
    error_rad: tuple[float, ...]
    curves: tuple[dict, ...]


def motion_facts(trials: TrialSet, rate_hz: float) -> MotionFacts:
    """Smoothness and limits of what was commanded in each trial that counts."""
    counted = np.flatnonzero(trials.labels != "invalid")
    paths = [(trials.starts[row], trials.trajectories[row]) for row in counted]
    factors = [least_slow_down(start, path, rate_hz) for start, path in paths]
    return MotionFacts(
        squared_jerk=tuple(squared_jerk(start, path, rate_hz) for start, path in paths),
        slow_downs=tuple(factor if np.isfinite(factor) else None for factor in factors),
    )


def local_facts(demonstrations: DemonstrationSet, plan: LocalPlan, rate_hz: float) -> LocalFacts:
    """Let each local policy plan from the starts of its own demonstrations."""
    experts = {region: row for row, region in enumerate(demonstrations.region_order)}
    planned = [
        plan(experts[region], state, start)
        for region, state, start in zip(
            demonstrations.regions.tolist(), demonstrations.states, demonstrations.starts, strict=True
        )
    ]
    shown = demonstrations.trajectories
    return LocalFacts(
        demonstration_jerk=_jerks(demonstrations, shown, rate_hz),
        local_jerk=_jerks(demonstrations, planned, rate_hz),
        error_rad=tuple(
            float(np.sqrt(np.square(local - demonstrated).mean()))
            for local, demonstrated in zip(planned, shown, strict=True)
        ),
        curves=_curves(demonstrations, planned),
    )


def _jerks(
    demonstrations: DemonstrationSet, paths: Sequence[np.ndarray] | np.ndarray, rate_hz: float
) -> tuple[float, ...]:
    return tuple(
        squared_jerk(start, path, rate_hz) for start, path in zip(demonstrations.starts, paths, strict=True)
    )


def _curves(demonstrations: DemonstrationSet, planned: Sequence[np.ndarray]) -> tuple[dict, ...]:
    _, firsts = np.unique(demonstrations.regions, return_index=True)
    rows = firsts[np.linspace(0, len(firsts) - 1, min(SHOWN_REGIONS, len(firsts))).astype(int)]
    return tuple(
        {
            "region": int(demonstrations.regions[row]),
            "joint": joint,
            "demonstration": _thinned(demonstrations.trajectories[row], joint),
            "local": _thinned(planned[row], joint),
        }
        for joint in SHOWN_JOINTS
        for row in rows
    )


def _thinned(path: np.ndarray, joint: int) -> list[float]:
    return np.round(path[SHOWN_EVERY - 1 :: SHOWN_EVERY, joint - 1], 4).tolist()
