"""Whether trainings can be moved to another device, on machines that have none.

The meta device computes shapes alone and, like CUDA, refuses to mix its tensors with those of the CPU.
"""

from dataclasses import replace

import numpy as np
import pytest
import torch

from hndp_core.hierarchy.config import RefinementConfig
from hndp_core.hierarchy.first_policies import first_experts, first_global_policy
from hndp_core.hierarchy.methods import METHODS, get_method
from hndp_core.learning.augmentation import Augmentation
from hndp_core.policies.encoder import EncoderConfig, prepare_images
from hndp_core.policies.learned_policy import LearnedPolicy
from hndp_core.policies.pose_network import PoseNetwork

from .synthetic_task import SIZE, demonstrations

SHOWN = demonstrations(4)
CONFIG = RefinementConfig(
    iterations=1, basis=8, threads=1, first_channels=8, second_channels=8, third_channels=8, second_stride=1
)
AUGMENTATION = Augmentation(0.1, 0.05, 2.0, 0.01)
LEARNED = [name for name in METHODS if get_method(name).motion != "replay"]


@pytest.fixture(scope="module")
def pretrained() -> PoseNetwork:
    encoder = EncoderConfig(
        image_size=SIZE, first_channels=8, second_channels=8, third_channels=8, second_stride=1, readout=2
    )
    network = PoseNetwork(encoder, generator=torch.Generator().manual_seed(0))
    network.calibrate(np.random.default_rng(0).normal(size=(4, 2)))
    return network


def _on_meta(values: np.ndarray) -> torch.Tensor:
    return torch.as_tensor(values, dtype=torch.float32).to("meta")


def _gradients_are_on_meta(network: torch.nn.Module) -> bool:
    gradients = [each.grad for each in network.parameters() if each.grad is not None]
    return bool(gradients) and all(gradient.device.type == "meta" for gradient in gradients)


def test_the_device_refuses_what_was_left_on_the_cpu():
    with pytest.raises(RuntimeError):
        torch.add(torch.ones(3, device="meta"), torch.ones(3))


@pytest.mark.parametrize("visual_input", ["readout", "feature_points"])
@pytest.mark.parametrize("method", LEARNED)
def test_a_step_of_global_training(method: str, visual_input: str, pretrained: PoseNetwork):
    config = replace(CONFIG, method=method, visual_input=visual_input)
    policy = first_global_policy(config, SHOWN, pretrained, 0)
    assert isinstance(policy, LearnedPolicy)
    targets = policy.targets(SHOWN.starts, SHOWN.trajectories).to("meta")
    policy.to("meta")
    generator = torch.Generator().manual_seed(0)
    images = AUGMENTATION(prepare_images(SHOWN.images).to("meta"), generator)
    policy.errors(images, _on_meta(SHOWN.starts), targets, generator).sum().backward()
    assert _gradients_are_on_meta(policy)


def test_a_step_of_local_training():
    experts = first_experts(CONFIG, SHOWN, 0)
    experts.to("meta")
    states, starts = (_on_meta(each)[:, None] for each in (SHOWN.states, SHOWN.starts))
    experts(states, starts).sum().backward()
    assert _gradients_are_on_meta(experts)


def test_a_step_of_pretraining(pretrained: PoseNetwork):
    network = PoseNetwork(pretrained.encoder.config, generator=torch.Generator().manual_seed(0)).to("meta")
    network.error(
        prepare_images(SHOWN.images).to("meta"), torch.zeros(len(SHOWN), 2, device="meta")
    ).backward()
    assert _gradients_are_on_meta(network)
