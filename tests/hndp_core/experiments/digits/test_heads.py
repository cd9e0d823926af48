import numpy as np
import pytest
import torch

from hndp_core.experiments.digits import DigitSettings, generate_digits
from hndp_core.experiments.digits.heads import AuthorsHead, FittedParametersHead, PointsHead
from hndp_core.experiments.digits.methods import GOAL_SCALED, STEPS, UNSCALED
from hndp_core.motion import euler_rollout


@pytest.fixture(scope="module")
def demonstrations():
    motions = generate_digits(DigitSettings(train=100, test=10), "train").trajectories.astype(np.float64)
    return motions[:, 0], motions[:, 1:]


def test_the_authors_head_is_their_unrolled_integrator():
    head = AuthorsHead(GOAL_SCALED)
    generator = torch.Generator().manual_seed(0)
    outputs = 0.05 * torch.randn(3, head.outputs, generator=generator, dtype=torch.float64)
    start = torch.rand(3, 2, generator=generator, dtype=torch.float64)
    assert head.outputs == 64
    weights = 1000 * torch.stack([outputs[:, 2:32], outputs[:, 32:62]], dim=1)
    expected = euler_rollout(GOAL_SCALED, weights, 1000 * outputs[:, :2], start, torch.full_like(start, 0.01))
    torch.testing.assert_close(head(outputs, start), expected, rtol=1e-9, atol=1e-9)
    head.calibrate(start.numpy(), expected.numpy())
    torch.testing.assert_close(head(outputs, start), expected, rtol=1e-9, atol=1e-9)


def test_points_are_displacements_from_the_start(demonstrations):
    raw = PointsHead(2, STEPS, calibrated=False)
    raw.calibrate(*demonstrations)
    start = torch.tensor([[3.0, 4.0]])
    torch.testing.assert_close(raw(torch.zeros(1, 600), start), start[:, None].expand(1, STEPS, 2))


def test_calibrated_points_read_the_mean_at_zero(demonstrations):
    starts, trajectories = demonstrations
    head = PointsHead(2, STEPS, calibrated=True)
    head.calibrate(starts, trajectories)
    moved = trajectories - starts[:, None]
    shown = head(torch.zeros(1, 600), torch.zeros(1, 2))[0].numpy()
    np.testing.assert_allclose(shown, moved.mean(axis=0), atol=1e-5)
    one = head(torch.ones(1, 600), torch.zeros(1, 2))[0].numpy()
    np.testing.assert_allclose(one - shown, moved.std(axis=0), atol=1e-4)


@pytest.mark.parametrize("calibrated", [False, True])
def test_fitted_parameters_reproduce_the_motions(demonstrations, calibrated: bool):
    starts, trajectories = demonstrations
    head = FittedParametersHead(UNSCALED, calibrated=calibrated)
    head.calibrate(starts, trajectories)
    targets = head.targets(starts, trajectories)
    assert targets.shape == (100, head.outputs)
    found = head(targets, torch.from_numpy(starts).float()).numpy()
    assert np.mean((found - trajectories) ** 2) < 0.1
    deviation = targets.std(dim=0).mean().item()
    assert deviation == pytest.approx(1, abs=0.05) if calibrated else deviation > 100
