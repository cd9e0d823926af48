"""Local training: all regions' local policies at once (H-NDP Eq. 4 to 6)."""

from copy import deepcopy
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from hndp_core.hierarchy.config import RefinementConfig
from hndp_core.hierarchy.datasets import DemonstrationSet
from hndp_core.hierarchy.first_policies import first_experts
from hndp_core.hierarchy.gate_targets import GateTargets
from hndp_core.hierarchy.projected_error import error_against
from hndp_core.learning.device import training_device
from hndp_core.learning.optimise import Report, optimise, silent, torch_threads
from hndp_core.learning.training_checkpoint import TrainingCheckpoint, fingerprint
from hndp_core.motion import TrajectoryHead
from hndp_core.policies.stacked_state_policy import StackedStatePolicy
from hndp_core.policies.state_policy import StatePolicy


def train_local_experts(
    config: RefinementConfig,
    demonstrations: DemonstrationSet,
    gate_targets: GateTargets | None,
    previous: StackedStatePolicy | None,
    *,
    seed: int,
    device: str = "cpu",
    checkpoint: Path | None = None,
    report: Report = silent,
) -> StackedStatePolicy:
    """Train pi_l of every region on its demonstrations, and towards the global policy where its gate is open.

    Args:
        config: settings
        demonstrations: r of each of the M regions
        gate_targets: of the iteration before; None in the first
        previous: local policies of the iteration before, trained on; None starts anew
        seed: draws the first weights
        device: where it is computed, "cpu" or "cuda"; the policies come back on the CPU
        checkpoint: file of a training that can be resumed at the same bits; None keeps nothing
        report: told of the progress

    Returns:
        The local policies, row i for the i-th region.

    Raises:
        InvalidSetting: no such device here.
    """
    gate_targets = gate_targets or _no_targets(demonstrations)
    policy = deepcopy(previous) if previous is not None else first_experts(config, demonstrations, seed)
    purpose = fingerprint(
        "local experts", config.to_json(), seed, demonstrations.to_bytes(), _bytes_of(gate_targets), policy
    )
    rows = _training_rows(config, demonstrations, gate_targets, policy.head)
    where = training_device(device)
    policy.to(where)
    states, starts, targets, weights = (each.to(where) for each in rows)
    error = error_against(policy.head, starts, targets)

    def losses(step: int) -> dict[str, Tensor]:
        errors = weights * error(policy.outputs(states))
        return {"demonstration": errors[:, :-1].sum(), "gate": errors[:, -1].sum()}

    steps, learning_rate = config.local_steps, config.local_learning_rate
    if previous is not None:
        steps, learning_rate = config.local_refinement_steps, config.local_refinement_learning_rate
    with torch_threads(config.threads):
        optimise(
            policy,
            losses,
            steps=steps,
            learning_rate=learning_rate,
            checkpoint=TrainingCheckpoint(checkpoint, purpose),
            report=report,
        )
    return policy.cpu()


def train_one_after_another(
    config: RefinementConfig, demonstrations: DemonstrationSet, gate_targets: GateTargets | None, *, seed: int
) -> StackedStatePolicy:
    """The reference for `train_local_experts`: M trainings of one region each, the same first weights."""
    experts = first_experts(config, demonstrations, seed)
    rows = _training_rows(config, demonstrations, gate_targets or _no_targets(demonstrations), experts.head)
    policies: list[StatePolicy] = []
    for region in range(experts.regions):
        policy = experts.policy(region)
        states, starts, targets, weights = (each[region] for each in rows)
        error = error_against(policy.head, starts, targets)

        def losses(step: int, policy=policy, states=states, error=error, weights=weights):
            errors = weights * error(policy.outputs(states))
            return {"demonstration": errors[:-1].sum(), "gate": errors[-1]}

        with torch_threads(config.threads):
            optimise(
                policy,
                losses,
                steps=config.local_steps,
                learning_rate=config.local_learning_rate,
                checkpoint=TrainingCheckpoint(None, ""),
            )
        policies.append(policy)
    return StackedStatePolicy.stack(policies)


def _no_targets(demonstrations: DemonstrationSet) -> GateTargets:
    """Every gate shut: the first iteration, with the same arithmetic as the later ones."""
    first = demonstrations.first_of_each_region()
    return GateTargets(
        gates=np.zeros(len(first)), states=first.states, starts=first.starts, trajectories=first.trajectories
    )


def _training_rows(
    config: RefinementConfig, demonstrations: DemonstrationSet, gated: GateTargets, head: TrajectoryHead
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """States, starts, the head's targets and weights; r + 1 rows a region: demonstrations and gate target.

    The demonstrations of a region weigh together what a single one would, so that a gate pulls as hard.
    """

    def joined(demonstrated: np.ndarray, gate: np.ndarray) -> np.ndarray:
        return np.concatenate([demonstrated, gate[:, None]], axis=1)

    starts = joined(demonstrations.by_region("starts"), gated.starts)
    paths = joined(demonstrations.by_region("trajectories"), gated.trajectories)
    targets = head.targets(starts.reshape(-1, *starts.shape[2:]), paths.reshape(-1, *paths.shape[2:]))
    share = np.full(starts.shape[:2], 1.0 / demonstrations.per_region)
    share[:, -1] = config.gate_weight * gated.gates
    states = joined(demonstrations.by_region("states"), gated.states)
    states, starts, share = (torch.as_tensor(each, dtype=torch.float32) for each in (states, starts, share))
    return states, starts, targets.unflatten(0, tuple(starts.shape[:2])), share


def _bytes_of(targets: GateTargets) -> str:
    return fingerprint(targets.gates, targets.states, targets.starts, targets.trajectories)
