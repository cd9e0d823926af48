"""Global training: one image policy imitates the local ones and the demonstrations (H-NDP Eq. 3, 7)."""

from copy import deepcopy
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from hndp_core.hierarchy.config import RefinementConfig
from hndp_core.hierarchy.datasets import DemonstrationSet, RolloutSet
from hndp_core.hierarchy.local_experts import dmp_config, trajectory_error
from hndp_core.hierarchy.pretraining import augmentation, encoder_config
from hndp_core.learning.minibatch import epoch_batch, generator_for
from hndp_core.learning.optimise import Report, optimise, silent, torch_threads
from hndp_core.learning.training_checkpoint import TrainingCheckpoint, fingerprint
from hndp_core.policies.encoder import prepare_images
from hndp_core.policies.pose_network import PoseNetwork
from hndp_core.policies.stacked_state_ndp import StackedStateNdp
from hndp_core.policies.visuomotor_ndp import VisuomotorNdp


def train_global_policy(
    config: RefinementConfig,
    demonstrations: DemonstrationSet,
    dataset: RolloutSet,
    local_experts: StackedStateNdp,
    warm_start: VisuomotorNdp | PoseNetwork | None,
    *,
    seed: int,
    checkpoint: Path | None = None,
    report: Report = silent,
) -> VisuomotorNdp:
    """Train pi_g on the sum over D of its distance to the local policies, and over the demonstrations.

    Args:
        config: settings
        demonstrations: one for each region
        dataset: D; only rows of demonstrated regions
        local_experts: asked what they do from each observation of D
        warm_start: global policy of the iteration before, or the pretrained network in the first
        seed: draws first weights, minibatches and augmentation
        checkpoint: file of a training that can be resumed at the same bits; None keeps nothing
        report: told of the progress

    Raises:
        HndpError: for a row of D from a region without a demonstration.
    """
    wanted = np.concatenate(
        [demonstrations.trajectories, _expert_trajectories(demonstrations, dataset, local_experts)]
    )
    images = np.concatenate([demonstrations.images, dataset.images])
    starts = _single(np.concatenate([demonstrations.starts, dataset.starts]))
    policy = _first_policy(config, demonstrations, warm_start, seed)
    purpose = fingerprint("global policy", config.to_json(), seed, images, starts.numpy(), wanted, policy)
    # What pretraining has seen all over the table, a few clustered images would bend towards themselves.
    pretrained = warm_start is not None and config.pretrain_images > 0
    policy.encoder.requires_grad_(not pretrained or config.pretrained_features == "trained")
    targets, demonstrated = _single(wanted), len(demonstrations)
    augment = augmentation(config)

    def losses(step: int) -> dict[str, Tensor]:
        rows = epoch_batch(len(images), config.batch_size, step, seed)
        shown = augment(prepare_images(images[rows.numpy()]), generator_for(seed, "augmentation", step))
        errors = trajectory_error(policy(shown, starts[rows]), targets[rows]) / len(rows)
        own = rows < demonstrated
        return {
            "distillation": errors[~own].sum(),
            "demonstration": config.demonstration_weight * errors[own].sum(),
        }

    steps, learning_rate = config.global_steps, config.global_learning_rate
    if isinstance(warm_start, VisuomotorNdp):
        steps, learning_rate = config.global_refinement_steps, config.global_refinement_learning_rate
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


def _first_policy(
    config: RefinementConfig,
    demonstrations: DemonstrationSet,
    warm_start: VisuomotorNdp | PoseNetwork | None,
    seed: int,
) -> VisuomotorNdp:
    """The policy to train on: that of the iteration before, or a fresh one with pretrained convolutions."""
    if isinstance(warm_start, VisuomotorNdp):
        return deepcopy(warm_start)
    policy = VisuomotorNdp(
        dmp_config(config, demonstrations),
        encoder_config(config, demonstrations.images.shape[1]),
        hidden=config.global_hidden,
        generator=generator_for(seed, "first weights"),
    )
    policy.calibrate(demonstrations.starts, demonstrations.trajectories)
    if warm_start is not None:
        policy.encoder.load_state_dict(warm_start.encoder.state_dict())
    return policy


def _expert_trajectories(
    demonstrations: DemonstrationSet, dataset: RolloutSet, local_experts: StackedStateNdp
) -> np.ndarray:
    """What the local policy of each row's region does from the row's state: (N, T, dof) [rad]."""
    experts = dataset.rows_of(demonstrations).tolist()
    planned = [
        local_experts.plan(expert, state, start)
        for expert, state, start in zip(experts, dataset.states, dataset.starts, strict=True)
    ]
    return np.stack(planned) if planned else np.zeros((0, *demonstrations.trajectories.shape[1:]))


def _single(values: np.ndarray) -> Tensor:
    return torch.as_tensor(values, dtype=torch.float32)
