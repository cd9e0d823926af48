"""Fresh policies of a method: what its record names, as networks with their first weights."""

from dataclasses import replace

import torch

from hndp_core.hierarchy.config import RefinementConfig
from hndp_core.hierarchy.datasets import DemonstrationSet
from hndp_core.hierarchy.methods import get_method
from hndp_core.hierarchy.pretraining import encoder_config
from hndp_core.hierarchy.primitive import primitive_of
from hndp_core.learning.minibatch import generator_for
from hndp_core.motion import (
    AuthorsHead,
    DmpLayer,
    FittedDmpHead,
    PointsHead,
    Scaling,
    TrajectoryHead,
)
from hndp_core.policies.chunking_policy import ChunkingPolicy
from hndp_core.policies.contracts import GlobalPolicy
from hndp_core.policies.encoder import EncoderConfig
from hndp_core.policies.learned_policy import LearnedPolicy
from hndp_core.policies.nearest_demonstration import NearestDemonstration
from hndp_core.policies.pose_network import PoseNetwork
from hndp_core.policies.stacked_state_policy import StackedStatePolicy
from hndp_core.policies.transformer_config import TransformerConfig
from hndp_core.policies.visuomotor_policy import VisuomotorPolicy

LEAST_POINT_SCALE_RAD = 0.02
"""A point that hardly varies among the demonstrations is read on this scale: a smaller one slows its
learning, since the loss is in rad."""


def method_head(config: RefinementConfig, demonstrations: DemonstrationSet) -> TrajectoryHead:
    """What the outputs of the method's networks stand for, not yet calibrated."""
    method = get_method(config.method)
    primitive = primitive_of(config, *demonstrations.trajectories.shape[1:])
    scaling: Scaling = "robust" if method.conditioned else "none"
    if method.motion == "fitted_dmp":
        return FittedDmpHead(primitive, scaling=scaling)
    if method.motion != "dmp":
        return PointsHead(
            primitive.dof, primitive.rollout_length, scaling=scaling, least_scale=LEAST_POINT_SCALE_RAD
        )
    return (
        DmpLayer(primitive) if method.conditioned else AuthorsHead(replace(primitive, forcing="goal_scaled"))
    )


def first_experts(
    config: RefinementConfig, demonstrations: DemonstrationSet, seed: int
) -> StackedStatePolicy:
    """The local policies of all regions before their training."""
    policy = StackedStatePolicy(
        method_head(config, demonstrations),
        regions=len(demonstrations.region_order),
        state_size=demonstrations.states.shape[1],
        hidden=config.local_hidden,
        generator=generator_for(seed, "first weights"),
    )
    policy.calibrate(demonstrations.states, demonstrations.starts, demonstrations.trajectories)
    return policy


def first_global_policy(
    config: RefinementConfig, demonstrations: DemonstrationSet, pretrained: PoseNetwork | None, seed: int
) -> GlobalPolicy:
    """The global policy before its training, with pretrained convolutions where there are some.

    The nearest demonstration is complete then: it has nothing to train.
    """
    generator = generator_for(seed, "first weights")
    encoder = _encoder(config, demonstrations, pretrained)
    motion = get_method(config.method).motion
    policy = (_replaying if motion == "replay" else _learned)(config, demonstrations, encoder, generator)
    if pretrained is not None:
        learned = pretrained.encoder.state_dict()
        policy.encoder.load_state_dict({name: learned[name] for name in policy.encoder.state_dict()})
    if isinstance(policy, LearnedPolicy):
        policy.calibrate(demonstrations.starts, demonstrations.trajectories)
    else:
        policy.store(demonstrations.images, demonstrations.starts, demonstrations.trajectories)
    return policy


def _encoder(
    config: RefinementConfig, demonstrations: DemonstrationSet, pretrained: PoseNetwork | None
) -> EncoderConfig:
    size = demonstrations.images.shape[1]
    if pretrained is None or config.visual_input == "feature_points":
        return encoder_config(config, size)
    told = pretrained.encoder.config
    return encoder_config(config, size, readout=told.readout, classes=told.classes)


def _learned(
    config: RefinementConfig,
    demonstrations: DemonstrationSet,
    encoder: EncoderConfig,
    generator: torch.Generator,
) -> LearnedPolicy:
    head = method_head(config, demonstrations)
    if get_method(config.method).motion == "chunks":
        assert isinstance(head, PointsHead)
        return ChunkingPolicy(head, encoder, TransformerConfig(), generator=generator)
    return VisuomotorPolicy(head, encoder, hidden=config.global_hidden, generator=generator)


def _replaying(
    config: RefinementConfig,
    demonstrations: DemonstrationSet,
    encoder: EncoderConfig,
    generator: torch.Generator,
) -> NearestDemonstration:
    count, steps, dof = demonstrations.trajectories.shape
    return NearestDemonstration(
        encoder,
        demonstrations=count,
        rollout_length=steps,
        dof=dof,
        generator=generator,
    )
