"""Algorithm 1 in one process: locals, rollouts, global policy, trials, labels, gates, again.

The durable workflow of the app runs the same step functions (`train_local_experts`,
`train_global_policy`, `gates_from_labels`, `gate_targets`) with the same seeds, on jobs and a database.
A method without local policies is one iteration of the same loop that leaves their steps out.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from hndp_core.errors import HndpError
from hndp_core.hierarchy.config import RefinementConfig
from hndp_core.hierarchy.datasets import DemonstrationSet, RolloutSet
from hndp_core.hierarchy.demonstration_check import check_demonstrations
from hndp_core.hierarchy.distill import train_global_policy
from hndp_core.hierarchy.gate_targets import GateTargets, gate_targets
from hndp_core.hierarchy.gates import gates_from_labels
from hndp_core.hierarchy.iteration_folder import IterationFolder
from hndp_core.hierarchy.local_experts import train_local_experts
from hndp_core.hierarchy.methods import get_method
from hndp_core.hierarchy.pretraining import pretrain_encoder
from hndp_core.hierarchy.rollout_request import Operator, Rollouts
from hndp_core.hierarchy.rollout_rounds import RolloutRounds
from hndp_core.hierarchy.run_folder import RunFolder
from hndp_core.hierarchy.steps import StepReport, iteration_steps, step_seed
from hndp_core.policies.contracts import GlobalPolicy
from hndp_core.policies.pose_network import PoseNetwork
from hndp_core.policies.stacked_state_policy import StackedStatePolicy
from hndp_core.tasks.region import Region

PretrainingSamples = Callable[[int, int], tuple[np.ndarray, np.ndarray]]
"""(count, seed) -> images (n, H, W, 3) uint8 and approximate positions (n, 2) [m]."""


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

    experts: StackedStatePolicy | None
    policy: GlobalPolicy | PoseNetwork | None
    dataset: RolloutSet
    targets: GateTargets | None


class Refinement:
    """One run of Algorithm 1 in a folder; run it again after an interruption and it goes on.

    Args:
        config: settings
        seed: of the whole run
        regions: train and held-out ones; every train region has as many demonstrations
        demonstrations: in the order of the train regions
        pretraining_samples: where the pretraining images come from
        rollouts: runs policies on a robot
        operator: judges trials
        folder: keeps what is made
        report: told of the progress
        device: where trainings are computed, "cpu" or "cuda"; the same bits come back on the CPU alone

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
        device: str = "cpu",
    ) -> None:
        self._train = [region for region in regions if region.split == "train"]
        self._held_out = [region for region in regions if region.split == "held_out"]
        if [region.index for region in self._train] != demonstrations.region_order:
            raise HndpError("Every train region needs a demonstration: record those that are owed.")
        check_demonstrations(demonstrations)
        self._config, self._seed, self._demonstrations = config, seed, demonstrations
        self._pretraining_samples, self._device = pretraining_samples, device
        self._rounds = RolloutRounds(rollouts, operator, seed=seed, shown=demonstrations)
        self._folder, self._report = folder, report

    def run(self) -> Iterator[IterationResult]:
        """Yield the result of each iteration as it is reached."""
        shown = self._demonstrations
        dataset = RolloutSet.empty(shown.images.shape[1], shown.states.shape[1], shown.starts.shape[1])
        learned = _Learned(None, None, dataset, None)
        for number in range(1, self._config.iterations + 1):
            learned, result = self._iterate(IterationFolder(self._folder, number, self._report), learned)
            yield result

    def _iterate(self, iteration: IterationFolder, before: _Learned) -> tuple[_Learned, IterationResult]:
        steps = iteration_steps(iteration.number, self._config)
        start = self._pretrained(iteration) if "pretraining" in steps else before.policy
        experts = self._train_locals(iteration, before) if "local_training" in steps else None
        dataset = self._fed_before(iteration, before.dataset, steps)
        policy = self._train_global(iteration, start, experts, dataset)
        gate_trials = self._rounds.trials(iteration, "gate", self._train, self._config.trials_per_region)
        held_out = self._rounds.trials(iteration, "held_out", self._held_out, 1)
        gates = gates_from_labels(gate_trials.labels_by_region(), self._config.trials_per_region)
        if gates is None:
            raise HndpError(f"Iteration {iteration.number} has unlabelled gate trials: label them first.")
        targets = gate_targets(self._demonstrations, gate_trials, gates)
        if self._config.dataset_source == "gate_rollouts" and get_method(self._config.method).new_images:
            dataset = dataset.grown(gate_trials.observations(iteration.number))
        result = IterationResult(
            iteration=iteration.number,
            train_successes=gate_trials.successes,
            train_trials=gate_trials.counted,
            held_out_successes=held_out.successes,
            held_out_trials=held_out.counted,
            open_gates=targets.open_count,
            seconds=iteration.seconds(),
        )
        return _Learned(experts, policy, dataset, targets), result

    def _fed_before(
        self, iteration: IterationFolder, dataset: RolloutSet, steps: Sequence[str]
    ) -> RolloutSet:
        """D as the global training of the iteration finds it."""
        if "local_rollouts" in steps:
            return dataset.grown(self._rounds.local(iteration, self._train))
        if not get_method(self._config.method).new_images:
            return dataset.grown(self._demonstrations.observations(iteration.number))
        return dataset

    def _pretrained(self, iteration: IterationFolder) -> PoseNetwork:
        seed = step_seed(self._seed, iteration.number, "pretraining")

        def train(**kept) -> PoseNetwork:
            images, positions = self._pretraining_samples(self._config.pretrain_images, seed)
            return pretrain_encoder(self._config, images, positions, seed=seed, device=self._device, **kept)

        return iteration.trained("pretraining", train)

    def _train_locals(self, iteration: IterationFolder, before: _Learned) -> StackedStatePolicy:
        seed = step_seed(self._seed, iteration.number, "local_training")

        def train(**kept) -> StackedStatePolicy:
            shown, device = self._demonstrations, self._device
            return train_local_experts(
                self._config, shown, before.targets, before.experts, seed=seed, device=device, **kept
            )

        return iteration.trained("local_training", train)

    def _train_global(
        self,
        iteration: IterationFolder,
        start: GlobalPolicy | PoseNetwork | None,
        experts: StackedStatePolicy | None,
        dataset: RolloutSet,
    ) -> GlobalPolicy:
        seed = step_seed(self._seed, iteration.number, "global_training")

        def train(**kept) -> GlobalPolicy:
            shown, device = self._demonstrations, self._device
            return train_global_policy(
                self._config, shown, dataset, experts, start, seed=seed, device=device, **kept
            )

        return iteration.trained("global_training", train)
