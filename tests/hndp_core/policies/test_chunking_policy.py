from dataclasses import replace

import numpy as np
import pytest
import torch

from hndp_core.errors import InvalidSetting, ShapeMismatch
from hndp_core.motion import PointsHead
from hndp_core.policies import (
    ChunkingPolicy,
    EncoderConfig,
    TransformerConfig,
    dump_checkpoint,
    prepare_images,
)

STEPS, DOF = 47, 3  # no multiple of the chunk
ENCODER = EncoderConfig(image_size=32, first_channels=4, second_channels=4, third_channels=4)
SMALL = TransformerConfig(width=16, hidden=32, latent=4, encoder_layers=1, decoder_layers=1)
IMAGES = np.random.default_rng(0).integers(0, 256, size=(2, 32, 32, 3), dtype=np.uint8)
STARTS = np.array([[0.0, 0.1, -0.2], [0.1, 0.0, 0.3]])
TIME = np.arange(1, STEPS + 1)[:, None] / STEPS
SHOWN = STARTS[:, None] + np.stack([TIME * [0.5, -0.3, 0.2], TIME**2 * [-0.4, 0.6, 0.1]])


def build(seed: int = 0, transformer: TransformerConfig = SMALL) -> ChunkingPolicy:
    head = PointsHead(DOF, STEPS, scaling="robust", least_scale=0.02)
    policy = ChunkingPolicy(head, ENCODER, transformer, generator=torch.Generator().manual_seed(seed))
    policy.calibrate(STARTS, SHOWN)
    return policy


def errors(policy: ChunkingPolicy, seed: int = 0) -> torch.Tensor:
    starts = torch.from_numpy(STARTS).float()
    targets = policy.targets(STARTS, SHOWN)
    return policy.errors(prepare_images(IMAGES), starts, targets, torch.Generator().manual_seed(seed))


def test_it_learns_two_demonstrations_by_heart():
    policy = build()
    optimiser = torch.optim.Adam(policy.parameters(), lr=3e-3)
    for step in range(150):
        optimiser.zero_grad()
        errors(policy, step).mean().backward()
        optimiser.step()
    found = np.stack([policy.plan(image, start) for image, start in zip(IMAGES, STARTS, strict=True)])
    assert np.abs(found - SHOWN).max() < 0.05
    assert np.abs(SHOWN[0] - SHOWN[1]).max() > 0.5


def test_it_starts_near_the_typical_demonstration():
    plan = build().plan(IMAGES[0], STARTS[0])
    np.testing.assert_allclose(plan, STARTS[0] + (SHOWN - STARTS[:, None]).mean(axis=0), atol=0.15)


def test_plan_is_the_forward_pass_with_the_typical_style_at_any_rate():
    policy = build()
    found = policy(prepare_images(IMAGES[:1]), torch.from_numpy(STARTS[:1]).float())
    plan = policy.plan(IMAGES[0], STARTS[0])
    assert plan.dtype == np.float64
    np.testing.assert_allclose(plan, found[0].detach().numpy(), atol=1e-5)
    assert policy.plan(IMAGES[0], STARTS[0], samples=94).shape == (94, DOF)


def test_every_parameter_learns_and_only_the_given_generator_is_drawn_from():
    policy = build()
    torch.nn.init.normal_(policy.last.weight, generator=torch.Generator().manual_seed(1))
    state = torch.random.get_rng_state()
    first, again, other = (errors(policy, seed) for seed in (0, 0, 1))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)
    first.sum().backward()
    for name, parameter in policy.named_parameters():
        assert parameter.grad is not None, name
        assert parameter.grad.any(), name
    assert torch.equal(torch.random.get_rng_state(), state)


def test_the_divergence_of_the_style_counts():
    weights = (0.0, 1.0, 10.0)
    found = [errors(build(transformer=replace(SMALL, divergence_weight=weight))) for weight in weights]
    assert (found[0] < found[1]).all()
    torch.testing.assert_close(found[2] - found[0], 10 * (found[1] - found[0]), rtol=1e-4, atol=1e-5)


def test_chunks_fade_into_one_another_without_a_seam():
    """Each chunk says one constant for all its steps: what is planned between two of them has no jump."""
    policy = build()
    half, levels = SMALL.chunk_steps // 2, torch.arange(6.0)
    policy.last = ConstantChunks(levels, 2 * half * DOF)
    start = torch.zeros(1, DOF)
    outputs = policy.outputs(prepare_images(IMAGES[:1]), start, torch.zeros(1, 4))
    steps = outputs.detach().unflatten(-1, (STEPS, DOF))[0]
    assert torch.equal(steps.round(), steps.round()[:, :1].expand(-1, DOF))
    assert (steps.diff(dim=0) > 0).all()
    assert steps.diff(dim=0).max() < 2 / half
    assert steps[half - 1].max() == pytest.approx(1.0, abs=0.01)


class ConstantChunks(torch.nn.Linear):
    """Stands for the last layer: chunk i puts out `levels[i]` everywhere."""

    def __init__(self, levels: torch.Tensor, numbers: int) -> None:
        super().__init__(1, numbers)
        self._levels = levels

    def forward(self, input: torch.Tensor) -> torch.Tensor:
        return self._levels[None, :, None].expand(len(input), -1, self.out_features)


def test_same_seed_same_bits():
    assert dump_checkpoint(build(3)) == dump_checkpoint(build(3)) != dump_checkpoint(build(4))


def test_the_default_is_small():
    head = PointsHead(7, 350, scaling="robust", least_scale=0.02)
    policy = ChunkingPolicy(head, EncoderConfig(), TransformerConfig(), generator=torch.Generator())
    parameters = sum(each.numel() for name, each in policy.named_parameters() if "encoder." not in name)
    assert 200_000 < parameters < 500_000


def test_refuses_what_does_not_fit():
    with pytest.raises(InvalidSetting, match="divisor of the width"):
        TransformerConfig(width=10, heads=4)
    with pytest.raises(InvalidSetting, match="chunk_steps"):
        TransformerConfig(chunk_steps=0)
    with pytest.raises(InvalidSetting, match="overlap by half"):
        TransformerConfig(chunk_steps=9)
    with pytest.raises(ShapeMismatch, match="image"):
        build().plan(IMAGES[0][:16], STARTS[0])
    with pytest.raises(ShapeMismatch, match="joints"):
        build().plan(IMAGES[0], np.zeros(2))
