"""Local training: all regions' local policies at once (H-NDP Eq. 4 to 6)."""

from copy import deepcopy
from pathlib import Path
from typing import cast

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from hndp_core.hierarchy.config import RefinementConfig
from hndp_core.hierarchy.datasets import DemonstrationSet
from hndp_core.hierarchy.gate_targets import GateTargets
from hndp_core.hierarchy.projected_error import ProjectedError
from hndp_core.learning.minibatch import generator_for
from hndp_core.learning.optimise import Report, optimise, silent, torch_threads
from hndp_core.learning.training_checkpoint import TrainingCheckpoint, fingerprint
from hndp_core.motion import DmpConfig, DmpLayer
from hndp_core.policies.stacked_state_ndp import StackedStateNdp
from hndp_core.policies.state_ndp import StateNdp


def dmp_config(config: RefinementConfig, demonstrations: DemonstrationSet) -> DmpConfig:
    """The primitive that the settings ask for, as long as the demonstrations."""
    _, steps, dof = demonstrations.trajectories.shape
    return DmpConfig(
        dof=dof,
        basis=config.basis,
        rollout_length=steps,
        attractor_gain=config.attractor_gain,
        phase_decay=config.phase_decay,
        forcing=config.forcing,  # type: ignore[arg-type]
    )


def train_local_experts(
    config: RefinementConfig,
    demonstrations: DemonstrationSet,
    gate_targets: GateTargets | None,
    previous: StackedStateNdp | None,
    *,
    seed: int,
    checkpoint: Path | None = None,
    report: Report = silent,
) -> StackedStateNdp:
    """Train pi_l of every region on its demonstration, and towards the global policy where its gate is open.

    Args:
        config: settings
        demonstrations: one for each of the M regions
        gate_targets: of the iteration before; None in the first
        previous: local policies of the iteration before, trained on; None starts anew
        seed: draws the first weights
        checkpoint: file of a training that can be resumed at the same bits; None keeps nothing
        report: told of the progress

    Returns:
        The local policies, row i for the i-th demonstration.
    """
    gate_targets = gate_targets or _no_targets(demonstrations)
    policy = deepcopy(previous) if previous is not None else _fresh_experts(config, demonstrations, seed)
    purpose = fingerprint(
        "local experts", config.to_json(), seed, demonstrations.to_bytes(), _bytes_of(gate_targets), policy
    )
    states, starts, wanted, weights = _training_rows(config, demonstrations, gate_targets)
    error = ProjectedError(cast(DmpLayer, policy.head), starts, wanted)

    def losses(step: int) -> dict[str, Tensor]:
        errors = weights * error(policy.outputs(states))
        return {"demonstration": errors[:, 0].sum(), "gate": errors[:, 1].sum()}

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
    return policy


def train_one_after_another(
    config: RefinementConfig, demonstrations: DemonstrationSet, gate_targets: GateTargets | None, *, seed: int
) -> StackedStateNdp:
    """The reference for `train_local_experts`: M trainings of one region each, the same first weights."""
    experts = _fresh_experts(config, demonstrations, seed)
    rows = _training_rows(config, demonstrations, gate_targets or _no_targets(demonstrations))
    policies: list[StateNdp] = []
    for region in range(len(demonstrations)):
        policy = experts.policy(region)
        states, starts, wanted, weights = (each[region] for each in rows)
        error = ProjectedError(cast(DmpLayer, policy.head), starts, wanted)

        def losses(step: int, policy=policy, states=states, error=error, weights=weights):
            errors = weights * error(policy.outputs(states))
            return {"demonstration": errors[0], "gate": errors[1]}

        with torch_threads(config.threads):
            optimise(
                policy,
                losses,
                steps=config.local_steps,
                learning_rate=config.local_learning_rate,
                checkpoint=TrainingCheckpoint(None, ""),
            )
        policies.append(policy)
    return StackedStateNdp.stack(policies)


def trajectory_error(
    found: Float[Tensor, "*batch time dof"], wanted: Float[Tensor, "*batch time dof"]
) -> Float[Tensor, "*batch"]:
    """Mean squared joint error [rad^2] of each trajectory: the KL divergence of H-NDP Eq. 6, up to a factor.

    Two Gaussian policies of one fixed variance diverge by the squared distance of their means;
    Eq. 3 and 6 print the distance without its square.
    """
    return (found - wanted).square().sum(dim=(-1, -2)) / (wanted.shape[-1] * wanted.shape[-2])


def _fresh_experts(config: RefinementConfig, demonstrations: DemonstrationSet, seed: int) -> StackedStateNdp:
    count, state_size = demonstrations.states.shape
    policy = StackedStateNdp(
        dmp_config(config, demonstrations),
        regions=count,
        state_size=state_size,
        hidden=config.local_hidden,
        generator=generator_for(seed, "first weights"),
    )
    policy.calibrate(demonstrations.states, demonstrations.starts, demonstrations.trajectories)
    return policy


def _no_targets(demonstrations: DemonstrationSet) -> GateTargets:
    """Every gate shut: the first iteration, with the same arithmetic as the later ones."""
    return GateTargets(
        gates=np.zeros(len(demonstrations)),
        states=demonstrations.states,
        starts=demonstrations.starts,
        trajectories=demonstrations.trajectories,
    )


def _training_rows(
    config: RefinementConfig, demonstrations: DemonstrationSet, targets: GateTargets
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """States, starts, wanted trajectories and weights; two rows a region: demonstration and gate target."""

    def paired(demonstrated: np.ndarray, gated: np.ndarray) -> Tensor:
        return torch.as_tensor(np.stack([demonstrated, gated], axis=1), dtype=torch.float32)

    return (
        paired(demonstrations.states, targets.states),
        paired(demonstrations.starts, targets.starts),
        paired(demonstrations.trajectories, targets.trajectories),
        paired(np.ones(len(demonstrations)), config.gate_weight * targets.gates),
    )


def _bytes_of(targets: GateTargets) -> str:
    return fingerprint(targets.gates, targets.states, targets.starts, targets.trajectories)
