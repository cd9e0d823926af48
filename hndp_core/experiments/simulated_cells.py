"""Simulated cells in processes of their own: demonstrations, pose images and rollouts for a headless run."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from functools import lru_cache
from multiprocessing import get_context
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
import torch

from hndp_core.errors import HndpError, TrajectoryRefused
from hndp_core.experiments.process_life import die_with_parent
from hndp_core.hierarchy.datasets import DemonstrationSet
from hndp_core.hierarchy.rollout_request import RolloutRequest, RolloutResult
from hndp_core.hierarchy.rollout_rounds import MOST_ATTEMPTS
from hndp_core.hierarchy.trial_seeds import trial_seed
from hndp_core.policies.checkpoint import load_checkpoint
from hndp_core.policies.contracts import GlobalPolicy, LocalPolicies
from hndp_core.policies.network import Network
from hndp_core.robots.simulated import SimulatedRobot
from hndp_core.robots.time_scaling import slow_to_fit
from hndp_core.rollout import Observation, observe
from hndp_core.tasks import Region, Task, get_task


class SimulatedCells:
    """A pool of simulated robots, for a with statement. The number of processes changes no result.

    Args:
        task: name of the task
        processes: simulated robots at work at the same time
    """

    def __init__(self, task: str, processes: int = 2) -> None:
        self._pool = ProcessPoolExecutor(
            processes, mp_context=get_context("spawn"), initializer=_open_cell, initargs=(task,)
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pool.shutdown(cancel_futures=True)

    def rollouts(self, requests: Sequence[RolloutRequest]) -> Iterator[RolloutResult]:
        """Run policies; results come in the order of the requests.

        Of a rollout with the purpose "local" nothing is read but what was seen at its start: that alone
        enters D (H-NDP Algorithm 1), and nobody judges it. Its scene is prepared, seen and planned for,
        and the motion is not simulated: the same D at a fraction of the cost.
        """
        return self._pool.map(_roll_out, requests)

    def demonstrations(self, regions: Sequence[Region], seed: int, repeats: int = 1) -> DemonstrationSet:
        """Let the scripted teacher demonstrate in each region until it succeeds, `repeats` times.

        The rows are sorted by region. The first demonstration of a region does not depend on `repeats`.

        Raises:
            HndpError: it failed too often in one region.
        """
        wanted = [(region, repeat) for region in regions for repeat in range(repeats)]
        places, numbers = zip(*wanted, strict=True)
        shown = list(self._pool.map(_demonstrate, places, numbers, [seed] * len(wanted)))
        return DemonstrationSet(
            regions=np.array([region.index for region in places]),
            images=np.stack([each.image for each in shown]),
            states=np.stack([each.state for each in shown]),
            starts=np.stack([each.start for each in shown]),
            trajectories=np.stack([each.commanded for each in shown]),
        )

    def pretraining_samples(self, count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
        """Images and approximate object positions, see `Scene.pretraining_samples`."""
        return self._pool.submit(_pretraining_samples, count, seed).result()


_cell: tuple[Task, SimulatedRobot] | None = None
"""The task and robot of a pool's process; MuJoCo and OpenGL cannot be handed over from the parent."""


def _open_cell(task: str) -> None:
    global _cell
    die_with_parent()  # a killed run must not leave simulators behind
    torch.set_num_threads(1)
    chosen = get_task(task)
    _cell = chosen, SimulatedRobot(chosen.build_scene())
    _robot().connect()


def _task() -> Task:
    assert _cell is not None, "runs only in a process of the pool"
    return _cell[0]


def _robot() -> SimulatedRobot:
    assert _cell is not None, "runs only in a process of the pool"
    return _cell[1]


@lru_cache(maxsize=2)
def _network(file: Path) -> Network:
    return load_checkpoint(file)


def _roll_out(request: RolloutRequest) -> RolloutResult:
    policy = _network(request.policy)

    def plan(seen: Observation) -> np.ndarray:
        if isinstance(policy, LocalPolicies) and request.expert is not None:
            return policy.plan(request.expert, seen.state, seen.joints)
        if isinstance(policy, GlobalPolicy) and request.expert is None:
            return policy.plan(seen.image, seen.joints)
        raise HndpError(f"{request.policy} holds a {policy.kind}, which does not fit the rollout's purpose.")

    if request.purpose == "local":
        seen = _prepared(request.region, request.variation_seed)
        return RolloutResult(seen.image, seen.state, seen.joints, plan(seen), None)
    return _rollout(request.region, request.variation_seed, plan)


def _demonstrate(region: Region, repeat: int, seed: int) -> RolloutResult:
    for attempt in range(MOST_ATTEMPTS):
        variation_seed = trial_seed(seed, 0, "demonstration", region.index, repeat, attempt)
        path = _robot().scene.demonstrate(region, _task().variation(variation_seed))
        shown = _rollout(region, variation_seed, lambda seen, path=path: path)
        if shown.outcome is not None and shown.outcome.success:
            return shown
    raise HndpError(
        f"The teacher failed {MOST_ATTEMPTS} times in region {region.name}: move the region, or leave it out."
    )


def _prepared(region: Region, variation_seed: int) -> Observation:
    _robot().prepare(region, _task().variation(variation_seed))
    return observe(_robot())


def _rollout(region: Region, variation_seed: int, plan: Callable[[Observation], np.ndarray]) -> RolloutResult:
    """Execute a plan; what was seen is kept even where the robot refuses to move. No stills are made."""
    seen = _prepared(region, variation_seed)
    commanded = plan(seen)
    result = RolloutResult(seen.image, seen.state, seen.joints, commanded, None)
    try:
        paced = slow_to_fit(seen.joints, commanded, _robot().rate_hz, body=_robot().arm_body)
    except TrajectoryRefused as error:
        return replace(result, refusal=str(error))
    _robot().execute(paced.commands)
    return replace(result, outcome=_robot().outcome(), slow_down=paced.slow_down)


def _pretraining_samples(count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    return _robot().scene.pretraining_samples(count, seed)
