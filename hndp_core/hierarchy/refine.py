"""Algorithm 1 in one process: locals, rollouts, global policy, trials, labels, gates, again.

The durable workflow of the app runs the same step functions (`train_local_experts`,
`train_global_policy`, `gates_from_labels`, `gate_targets`) with the same seeds, on jobs and a database.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar, cast

import numpy as np

from hndp_core.errors import HndpError
from hndp_core.hierarchy.config import RefinementConfig
from hndp_core.hierarchy.datasets import DemonstrationSet, RolloutSet, TrialSet
from hndp_core.hierarchy.demonstration_check import check_demonstrations
from hndp_core.hierarchy.distill import train_global_policy
from hndp_core.hierarchy.gate_targets import GateTargets, gate_targets
from hndp_core.hierarchy.gates import gates_from_labels
from hndp_core.hierarchy.local_experts import train_local_experts
from hndp_core.hierarchy.pretraining import pretrain_encoder
from hndp_core.hierarchy.rollout_request import Operator, RolloutRequest, RolloutResult, Rollouts
from hndp_core.hierarchy.run_folder import RunFolder
from hndp_core.hierarchy.steps import StepProgress, StepReport, step_seed
from hndp_core.learning.optimise import TrainingProgress
from hndp_core.policies.checkpoint import dump_checkpoint, parse_checkpoint
from hndp_core.policies.network import Network
from hndp_core.policies.pose_network import PoseNetwork
from hndp_core.policies.stacked_state_ndp import StackedStateNdp
from hndp_core.policies.visuomotor_ndp import VisuomotorNdp
from hndp_core.tasks.region import Region

MOST_ATTEMPTS = 5
"""Times that one trial may be invalid before the run gives up: then the cell needs a person."""

PretrainingSamples = Callable[[int, int], tuple[np.ndarray, np.ndarray]]
"""(count, seed) -> images (n, H, W, 3) uint8 and approximate positions (n, 2) [m]."""

Trained = TypeVar("Trained", bound=Network)


@dataclass(frozen=True)
class IterationResult:
    """What one iteration came to.

    Attributes:
        iteration: 1, 2, ...
        train_successes: of the gate trials in train regions
        train_trials: gate trials that count
        held_out_successes: of the trials in held-out regions
        held_out_trials: held-out trials that count
        open_gates: regions whose gate is 1 after this iteration
        seconds: wall time by step, as far as it ran in this process
    """

    iteration: int
    train_successes: int
    train_trials: int
    held_out_successes: int
    held_out_trials: int
    open_gates: int
    seconds: dict[str, float]


@dataclass(frozen=True)
class _Learned:
    """What one iteration hands to the next."""

    experts: StackedStateNdp | None
    policy: VisuomotorNdp | PoseNetwork | None
    dataset: RolloutSet
    targets: GateTargets | None


class Refinement:
    """One run of Algorithm 1 in a folder; run it again after an interruption and it goes on.

    Args:
        config: settings
        seed: of the whole run
        regions: train and held-out ones; every train region has a demonstration
        demonstrations: in the order of the train regions
        pretraining_samples: where the pretraining images come from
        rollouts: runs policies on a robot
        operator: judges trials
        folder: keeps what is made
        report: told of the progress

    Raises:
        HndpError: for demonstrations that do not fit the regions, or that do not fit each other.
    """

    def __init__(
        self,
        config: RefinementConfig,
        *,
        seed: int,
        regions: Sequence[Region],
        demonstrations: DemonstrationSet,
        pretraining_samples: PretrainingSamples,
        rollouts: Rollouts,
        operator: Operator,
        folder: RunFolder,
        report: StepReport,
    ) -> None:
        self._train = [region for region in regions if region.split == "train"]
        self._held_out = [region for region in regions if region.split == "held_out"]
        if [region.index for region in self._train] != demonstrations.regions.tolist():
            raise HndpError("Every train region needs one demonstration: record those that are owed.")
        check_demonstrations(demonstrations)
        self._config, self._seed, self._demonstrations = config, seed, demonstrations
        self._pretraining_samples, self._rollouts, self._operator = pretraining_samples, rollouts, operator
        self._folder, self._report = folder, report

    def run(self) -> Iterator[IterationResult]:
        """Yield the result of each iteration as it is reached."""
        shown = self._demonstrations
        dataset = RolloutSet.empty(shown.images.shape[1], shown.states.shape[1], shown.starts.shape[1])
        learned = _Learned(None, self._pretrained(), dataset, None)
        for iteration in range(1, self._config.iterations + 1):
            learned, result = self._iterate(iteration, learned)
            yield result

    def _iterate(self, iteration: int, before: _Learned) -> tuple[_Learned, IterationResult]:
        experts = self._train_locals(iteration, before)
        dataset = before.dataset
        if self._config.dataset_source == "local_rollouts":
            dataset = dataset.grown(self._local_rollouts(iteration))
        policy = self._train_global(iteration, before, experts, dataset)
        gate_trials = self._trials(iteration, "gate", self._train, self._config.trials_per_region)
        held_out = self._trials(iteration, "held_out", self._held_out, 1)
        gates = gates_from_labels(gate_trials.labels_by_region(), self._config.trials_per_region)
        if gates is None:
            raise HndpError(f"Iteration {iteration} has unlabelled gate trials: label them first.")
        targets = gate_targets(self._demonstrations, gate_trials, gates)
        if self._config.dataset_source == "gate_rollouts":
            dataset = dataset.grown(gate_trials.observations(iteration))
        result = IterationResult(
            iteration=iteration,
            train_successes=gate_trials.successes,
            train_trials=gate_trials.counted,
            held_out_successes=held_out.successes,
            held_out_trials=held_out.counted,
            open_gates=targets.open_count,
            seconds=cast(dict[str, float], self._folder.read_json(_key(iteration, "seconds.json"), {})),
        )
        return _Learned(experts, policy, dataset, targets), result

    def _pretrained(self) -> PoseNetwork | None:
        if self._config.pretrain_images == 0:
            return None
        seed = step_seed(self._seed, 1, "pretraining")

        def train(**kept) -> PoseNetwork:
            images, positions = self._pretraining_samples(self._config.pretrain_images, seed)
            return pretrain_encoder(self._config, images, positions, seed=seed, **kept)

        return self._trained(1, "pretraining", train)

    def _train_locals(self, iteration: int, before: _Learned) -> StackedStateNdp:
        seed = step_seed(self._seed, iteration, "local_training")

        def train(**kept) -> StackedStateNdp:
            return train_local_experts(
                self._config, self._demonstrations, before.targets, before.experts, seed=seed, **kept
            )

        return self._trained(iteration, "local_training", train)

    def _train_global(
        self, iteration: int, before: _Learned, experts: StackedStateNdp, dataset: RolloutSet
    ) -> VisuomotorNdp:
        seed = step_seed(self._seed, iteration, "global_training")

        def train(**kept) -> VisuomotorNdp:
            return train_global_policy(
                self._config, self._demonstrations, dataset, experts, before.policy, seed=seed, **kept
            )

        return self._trained(iteration, "global_training", train)

    def _trained(self, iteration: int, step: str, train: Callable[..., Trained]) -> Trained:
        """The network of a training step; a training that was cut off goes on from its checkpoint."""
        partial = self._folder.file(_key(iteration, f"{step}.partial"))

        def report(progress: TrainingProgress) -> None:
            self._report(StepProgress(iteration, step, progress.done, progress.total, progress.losses))

        def make() -> Trained:
            with self._timed(iteration, step):
                return train(checkpoint=partial, report=report)

        made = self._folder.keep(_network_key(iteration, step), make, dump_checkpoint, parse_checkpoint)
        partial.unlink(missing_ok=True)
        return cast(Trained, made)

    def _local_rollouts(self, iteration: int) -> RolloutSet:
        """Where the local policies started: new rows for D (H-NDP Algorithm 1)."""
        policy = self._folder.file(_network_key(iteration, "local_training"))
        requests = [
            RolloutRequest("local", iteration, region, policy, row, self._seed)
            for row, region in enumerate(self._train)
        ]

        def make() -> RolloutSet:
            with self._timed(iteration, "local_rollouts"):
                results = list(self._watched(iteration, "local_rollouts", requests))
            return RolloutSet(
                regions=np.array([region.index for region in self._train]),
                iterations=np.full(len(results), iteration),
                images=np.stack([result.image for result in results]),
                states=np.stack([result.state for result in results]),
                starts=np.stack([result.start for result in results]),
            )

        return self._folder.keep(
            _key(iteration, "local_rollouts.npz"), make, RolloutSet.to_bytes, RolloutSet.from_bytes
        )

    def _trials(self, iteration: int, purpose: str, regions: Sequence[Region], repeats: int) -> TrialSet:
        """Judged trials of the global policy; an invalid one is made again."""
        policy = self._folder.file(_network_key(iteration, "global_training"))
        step = f"{purpose}_rollouts"

        def make() -> TrialSet:
            with self._timed(iteration, step):
                judged: list[tuple[RolloutRequest, RolloutResult, str]] = []
                owed = [
                    RolloutRequest(purpose, iteration, region, policy, None, self._seed, repeat)
                    for region in regions
                    for repeat in range(repeats)
                ]
                while owed:
                    results = self._watched(iteration, step, owed)
                    new = [
                        (each, made, self._operator(made)) for each, made in zip(owed, results, strict=True)
                    ]
                    judged += new
                    owed = [_again(request) for request, _, label in new if label == "invalid"]
            return _trial_set(judged, self._demonstrations)

        return self._folder.keep(
            _key(iteration, f"{purpose}_trials.npz"), make, TrialSet.to_bytes, TrialSet.from_bytes
        )

    def _watched(
        self, iteration: int, step: str, requests: Sequence[RolloutRequest]
    ) -> Iterator[RolloutResult]:
        for number, result in enumerate(self._rollouts(requests), start=1):
            self._report(StepProgress(iteration, step, number, len(requests), {}))
            yield result

    @contextmanager
    def _timed(self, iteration: int, step: str) -> Iterator[None]:
        began = time.perf_counter()
        yield
        key = _key(iteration, "seconds.json")
        seconds = cast(dict[str, float], self._folder.read_json(key, {}))
        self._folder.write_json(key, {**seconds, step: round(time.perf_counter() - began, 3)})


def _key(iteration: int, name: str) -> str:
    return f"iterations/{iteration}/{name}"


def _network_key(iteration: int, step: str) -> str:
    return _key(iteration, f"{step}.safetensors")


def _again(request: RolloutRequest) -> RolloutRequest:
    if request.attempt + 1 >= MOST_ATTEMPTS:
        raise HndpError(
            f"The trial in region {request.region.name} was invalid {MOST_ATTEMPTS} times in a row: "
            "look after the cell, then run again."
        )
    return request.again()


def _trial_set(
    judged: Sequence[tuple[RolloutRequest, RolloutResult, str]], shown: DemonstrationSet
) -> TrialSet:
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
