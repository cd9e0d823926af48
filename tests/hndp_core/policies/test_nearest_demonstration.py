import numpy as np
import pytest
import torch

from hndp_core.errors import InvalidSetting, ShapeMismatch
from hndp_core.policies import EncoderConfig, NearestDemonstration

ENCODER = EncoderConfig(image_size=32, first_channels=4, second_channels=4, third_channels=4)
IMAGES = np.random.default_rng(0).integers(0, 256, size=(5, 32, 32, 3), dtype=np.uint8)
STARTS = np.random.default_rng(1).normal(size=(5, 2))
PATHS = STARTS[:, None] + np.random.default_rng(2).normal(size=(5, 20, 2)).cumsum(axis=1) / 20


@pytest.fixture
def policy() -> NearestDemonstration:
    policy = NearestDemonstration(
        ENCODER, demonstrations=5, rollout_length=20, dof=2, generator=torch.Generator().manual_seed(0)
    )
    policy.store(IMAGES, STARTS, PATHS)
    return policy


def test_each_demonstration_is_nearest_to_itself_and_replayed(policy: NearestDemonstration):
    for image, start, path in zip(IMAGES, STARTS, PATHS, strict=True):
        np.testing.assert_allclose(policy.plan(image, start), path, atol=1e-12)


def test_a_little_noise_changes_nothing_and_the_true_start_is_kept(policy: NearestDemonstration):
    noisy = (IMAGES[3] * 0.98).astype(np.uint8)
    elsewhere = STARTS[3] + 0.1
    np.testing.assert_allclose(policy.plan(noisy, elsewhere), PATHS[3] + 0.1, atol=1e-12)


def test_it_is_replayed_at_any_rate(policy: NearestDemonstration):
    plan = policy.plan(IMAGES[0], STARTS[0])
    np.testing.assert_allclose(policy.plan(IMAGES[0], STARTS[0], samples=10), plan[1::2], atol=1e-12)


def test_refuses_what_does_not_fit(policy: NearestDemonstration):
    with pytest.raises(ShapeMismatch, match=r"demonstrations has shape \(4, 20, 2\)"):
        policy.store(IMAGES[:4], STARTS[:4], PATHS[:4])
    with pytest.raises(ShapeMismatch, match="image"):
        policy.plan(IMAGES[0][:16], STARTS[0])
    with pytest.raises(ShapeMismatch, match="joints"):
        policy.plan(IMAGES[0], np.zeros(7))
    with pytest.raises(InvalidSetting, match="at least one"):
        NearestDemonstration(ENCODER, demonstrations=0, rollout_length=20, dof=2, generator=torch.Generator())
