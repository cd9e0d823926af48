"""The rounds of rollouts in one iteration: local ones that feed D, and judged trials of the global policy."""

from collections.abc import Iterator, Sequence

import numpy as np

from hndp_core.errors import HndpError
from hndp_core.hierarchy.datasets import DemonstrationSet, RolloutSet, TrialSet
from hndp_core.hierarchy.iteration_folder import IterationFolder
from hndp_core.hierarchy.rollout_request import Operator, RolloutRequest, RolloutResult, Rollouts
from hndp_core.tasks.region import Region

MOST_ATTEMPTS = 5
"""Times that one trial may be invalid before the run gives up: then the cell needs a person."""

_Judged = tuple[RolloutRequest, RolloutResult, str]


class RolloutRounds:
    """Runs an iteration's policies on a robot, and keeps what comes of it.

    Args:
        rollouts: runs policies
        operator: judges trials
        seed: of the whole run
        shown: demonstrations, for the shapes of what is seen
    """

    def __init__(self, rollouts: Rollouts, operator: Operator, *, seed: int, shown: DemonstrationSet) -> None:
        self._rollouts, self._operator, self._seed, self._shown = rollouts, operator, seed, shown

    def local(self, iteration: IterationFolder, regions: Sequence[Region]) -> RolloutSet:
        """Where the local policies started: new rows for D (H-NDP Algorithm 1)."""
        step, policy = "local_rollouts", iteration.network_file("local_training")
        requests = [
            RolloutRequest("local", iteration.number, region, policy, row, self._seed)
            for row, region in enumerate(regions)
        ]

        def make() -> RolloutSet:
            results = list(self._watched(iteration, step, requests))
            return RolloutSet(
                regions=np.array([region.index for region in regions]),
                iterations=np.full(len(results), iteration.number),
                images=np.stack([result.image for result in results]),
                states=np.stack([result.state for result in results]),
                starts=np.stack([result.start for result in results]),
            )

        return iteration.rolled_out(step, step, make, RolloutSet.to_bytes, RolloutSet.from_bytes)

    def trials(
        self, iteration: IterationFolder, purpose: str, regions: Sequence[Region], repeats: int
    ) -> TrialSet:
        """Judged trials of the global policy; an invalid one is made again.

        Raises:
            HndpError: one trial was invalid `MOST_ATTEMPTS` times.
        """
        step, policy = f"{purpose}_rollouts", iteration.network_file("global_training")

        def make() -> TrialSet:
            judged: list[_Judged] = []
            owed = [
                RolloutRequest(purpose, iteration.number, region, policy, None, self._seed, repeat)
                for region in regions
                for repeat in range(repeats)
            ]
            while owed:
                results = self._watched(iteration, step, owed)
                new = [(each, made, self._operator(made)) for each, made in zip(owed, results, strict=True)]
                judged += new
                owed = [_again(request) for request, _, label in new if label == "invalid"]
            return _trial_set(judged, self._shown)

        return iteration.rolled_out(step, f"{purpose}_trials", make, TrialSet.to_bytes, TrialSet.from_bytes)

    def _watched(
        self, iteration: IterationFolder, step: str, requests: Sequence[RolloutRequest]
    ) -> Iterator[RolloutResult]:
        for number, result in enumerate(self._rollouts(requests), start=1):
            iteration.tell(step, number, len(requests))
            yield result


def _again(request: RolloutRequest) -> RolloutRequest:
    if request.attempt + 1 >= MOST_ATTEMPTS:
        raise HndpError(
            f"The trial in region {request.region.name} was invalid {MOST_ATTEMPTS} times in a row: "
            "look after the cell, then run again."
        )
    return request.again()


def _trial_set(judged: Sequence[_Judged], shown: DemonstrationSet) -> TrialSet:
    if not judged:
        return TrialSet(
            regions=np.zeros(0, np.int64),
            labels=np.zeros(0, "U7"),
            images=shown.images[:0],
            states=shown.states[:0],
            starts=shown.starts[:0],
            trajectories=shown.trajectories[:0],
        )
    results = [result for _, result, _ in judged]
    return TrialSet(
        regions=np.array([request.region.index for request, _, _ in judged]),
        labels=np.array([label for _, _, label in judged], dtype="U7"),
        images=np.stack([result.image for result in results]),
        states=np.stack([result.state for result in results]),
        starts=np.stack([result.start for result in results]),
        trajectories=np.stack([result.commanded for result in results]),
    )
