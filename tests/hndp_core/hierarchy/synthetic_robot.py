"""A stand-in for cells: runs policies on the synthetic task, in this process, and counts what it did."""

from collections.abc import Iterator, Sequence

import numpy as np

from hndp_core.hierarchy.datasets import DemonstrationSet
from hndp_core.hierarchy.rollout_request import RolloutRequest, RolloutResult
from hndp_core.policies.checkpoint import load_checkpoint
from hndp_core.policies.contracts import GlobalPolicy, LocalPolicies
from hndp_core.tasks.outcome import Outcome
from hndp_core.tasks.region import Region

from .synthetic_task import DOF, image, path, states

REACHED_RAD = 0.05


def layout(train: int, held_out: int) -> list[Region]:
    """Regions all over the synthetic task space."""
    places = states(train + held_out, seed=3).tolist()
    first = [Region(number, "train", *place) for number, place in enumerate(places[:train], start=1)]
    return first + [
        Region(number, "held_out", *place) for number, place in enumerate(places[train:], start=1)
    ]


def shown_in(regions: Sequence[Region]) -> DemonstrationSet:
    """A demonstration in each train region."""
    train = [region for region in regions if region.split == "train"]
    places = np.array([(region.x_m, region.y_m) for region in train])
    starts = np.zeros((len(train), DOF))
    return DemonstrationSet(
        regions=np.array([region.index for region in train]),
        images=np.stack([image(place) for place in places]),
        states=places,
        starts=starts,
        trajectories=np.stack([path(place, start) for place, start in zip(places, starts, strict=True)]),
    )


def pretraining_samples(count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Images and positions for pretraining."""
    places = states(count, seed=seed % 2**32)
    return np.stack([image(place) for place in places]), places


class SyntheticRobot:
    """Runs requests one after another; success is to end near the true path's end."""

    def __init__(self) -> None:
        self.requests: list[RolloutRequest] = []

    def __call__(self, requests: Sequence[RolloutRequest]) -> Iterator[RolloutResult]:
        for request in requests:
            self.requests.append(request)
            yield self._run(request)

    def _run(self, request: RolloutRequest) -> RolloutResult:
        shift = 0.01 * np.random.default_rng(request.variation_seed).standard_normal(2)
        state, start = np.array([request.region.x_m, request.region.y_m]) + shift, np.zeros(DOF)
        policy, seen = load_checkpoint(request.policy), image(state)
        if isinstance(policy, LocalPolicies):
            assert request.expert is not None
            commanded = policy.plan(request.expert, state, start)
        else:
            assert isinstance(policy, GlobalPolicy)
            commanded = policy.plan(seen, start)
        miss = float(np.abs(commanded[-1] - path(state, start)[-1]).max())
        outcome = Outcome(miss < REACHED_RAD, {"miss_rad": miss})
        return RolloutResult(seen, state, start, commanded, outcome, None)
