"""Global training: one image policy imitates the local ones and the demonstrations (H-NDP Eq. 3, 7)."""

from copy import deepcopy
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float, Float64, UInt8
from torch import Tensor

from hndp_core.errors import HndpError
from hndp_core.hierarchy.config import RefinementConfig
from hndp_core.hierarchy.datasets import DemonstrationSet, RolloutSet
from hndp_core.hierarchy.first_policies import first_global_policy
from hndp_core.hierarchy.methods import get_method
from hndp_core.hierarchy.pretraining import augmentation
from hndp_core.learning.device import training_device
from hndp_core.learning.minibatch import epoch_batch, generator_for
from hndp_core.learning.optimise import Report, StepLosses, optimise, silent, torch_threads
from hndp_core.learning.training_checkpoint import TrainingCheckpoint, fingerprint
from hndp_core.policies.contracts import GlobalPolicy, LocalPolicies
from hndp_core.policies.encoder import prepare_images
from hndp_core.policies.learned_policy import LearnedPolicy
from hndp_core.policies.pose_network import PoseNetwork


def train_global_policy(
    config: RefinementConfig,
    demonstrations: DemonstrationSet,
    dataset: RolloutSet,
    local_experts: LocalPolicies | None,
    warm_start: GlobalPolicy | PoseNetwork | None,
    *,
    seed: int,
    device: str = "cpu",
    checkpoint: Path | None = None,
    report: Report = silent,
) -> GlobalPolicy:
    """Train pi_g on the sum over D of its distance to the local policies, and over the demonstrations.

    Args:
        config: settings
        demonstrations: of every region
        dataset: D; only rows of demonstrated regions, and none without local policies
        local_experts: asked what they do from each observation of D; None for a method without them
        warm_start: global policy of the iteration before, or the pretrained network in the first
        seed: draws first weights, minibatches, augmentation and what else the policy draws
        device: where it is computed, "cpu" or "cuda"; the policy comes back on the CPU
        checkpoint: file of a training that can be resumed at the same bits; None keeps nothing
        report: told of the progress

    Returns:
        The policy; one that has nothing to train by gradients as it is when built.

    Raises:
        HndpError: for a row of D from a region without a demonstration, or without a local policy to ask.
        InvalidSetting: no such device here.
    """
    where = training_device(device)
    refined = isinstance(warm_start, GlobalPolicy)
    if isinstance(warm_start, GlobalPolicy):
        policy: GlobalPolicy = deepcopy(warm_start)
    else:
        policy = first_global_policy(config, demonstrations, warm_start, seed)
    if not isinstance(policy, LearnedPolicy):
        return policy
    wanted = np.concatenate(
        [demonstrations.trajectories, _expert_trajectories(demonstrations, dataset, local_experts)]
    )
    images = np.concatenate([demonstrations.images, dataset.images])
    starts = np.concatenate([demonstrations.starts, dataset.starts])
    purpose = fingerprint("global policy", config.to_json(), seed, images, starts, wanted, policy)
    # What pretraining has seen all over the table, a few clustered images would bend towards themselves.
    pretrained = warm_start is not None and config.pretrain_images > 0
    policy.encoder.requires_grad_(not pretrained or config.pretrained_features == "trained")
    steps, learning_rate = config.global_steps, config.global_learning_rate
    if refined:
        steps, learning_rate = config.global_refinement_steps, config.global_refinement_learning_rate
    with torch_threads(config.threads):
        targets = policy.targets(starts, wanted)
        policy.to(where)
        optimise(
            policy,
            _step_losses(config, policy, images, starts, targets.to(where), len(demonstrations), seed),
            steps=steps,
            learning_rate=learning_rate * get_method(config.method).rate,
            checkpoint=TrainingCheckpoint(checkpoint, purpose),
            report=report,
        )
    return policy.cpu()


def _step_losses(
    config: RefinementConfig,
    policy: LearnedPolicy,
    images: UInt8[np.ndarray, "row height width 3"],
    starts: Float64[np.ndarray, "row dof"],
    targets: Float[Tensor, "row ..."],
    demonstrated: int,
    seed: int,
) -> StepLosses:
    """Losses of a minibatch; the first `demonstrated` observations are demonstrations, the others D."""
    augment, where = augmentation(config), targets.device
    joints = torch.as_tensor(starts, dtype=torch.float32).to(where)

    def losses(step: int) -> dict[str, Tensor]:
        rows = epoch_batch(len(images), config.batch_size, step, seed)
        shown = augment(
            prepare_images(images[rows.numpy()]).to(where), generator_for(seed, "augmentation", step)
        )
        chosen = rows.to(where)
        drawn = generator_for(seed, "policy", step)
        errors = policy.errors(shown, joints[chosen], targets[chosen], drawn) / len(rows)
        own = chosen < demonstrated
        return {
            "distillation": errors[~own].sum(),
            "demonstration": config.demonstration_weight * errors[own].sum(),
        }

    return losses


def _expert_trajectories(
    demonstrations: DemonstrationSet, dataset: RolloutSet, local_experts: LocalPolicies | None
) -> Float64[np.ndarray, "rollout time dof"]:
    """What the local policy of each row's region does from the row's state [rad]."""
    experts = dataset.experts_of(demonstrations).tolist()
    if not experts:
        return np.zeros((0, *demonstrations.trajectories.shape[1:]))
    if local_experts is None:
        raise HndpError("D has rows but there are no local policies to ask: give them, or an empty D.")
    return np.stack(
        [
            local_experts.plan(expert, state, start)
            for expert, state, start in zip(experts, dataset.states, dataset.starts, strict=True)
        ]
    )
