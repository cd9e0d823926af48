"""One motion, trained at 350 samples, read at other rates."""

import numpy as np
import pytest
import torch

from hndp_core.motion import DmpConfig, DmpLayer, closed_form_rollout, fit_dmp

SPANS = np.array([0.8, -0.5, 0.3, 1.1, -0.9, 0.05, 0.6])


def minimum_jerk(samples: int) -> np.ndarray:
    """A smooth reach of seven joints in closed form, at the times 1/n, 2/n, ..., 1."""
    time = np.arange(1, samples + 1)[:, None] / samples
    return SPANS * (10 * time**3 - 15 * time**4 + 6 * time**5)


@pytest.fixture
def reach() -> tuple[DmpLayer, torch.Tensor, torch.Tensor]:
    """A layer whose zero output is the reach, with that output and the start."""
    layer = DmpLayer(DmpConfig())
    layer.calibrate(np.zeros((1, 7)), minimum_jerk(350)[None])
    return layer, torch.zeros(layer.outputs, dtype=torch.float64), torch.zeros(7, dtype=torch.float64)


@pytest.mark.parametrize("samples", [35, 175, 350, 700, 1000, 2401])
def test_any_number_of_samples_follows_the_same_curve(
    reach: tuple[DmpLayer, torch.Tensor, torch.Tensor], samples: int
) -> None:
    layer, outputs, start = reach
    found = layer(outputs, start, samples=samples).numpy()
    assert found.shape == (samples, 7)
    np.testing.assert_allclose(found, minimum_jerk(samples), rtol=0, atol=1e-5)


def test_rates_that_share_an_instant_share_the_position(
    reach: tuple[DmpLayer, torch.Tensor, torch.Tensor],
) -> None:
    layer, outputs, start = reach
    wild = torch.randn(outputs.shape, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    trained = layer(wild, start)
    torch.testing.assert_close(layer(wild, start, samples=175), trained[1::2], rtol=0, atol=1e-12)
    torch.testing.assert_close(layer(wild, start, samples=700)[1::2], trained, rtol=0, atol=1e-12)


def test_more_samples_add_no_corners(reach: tuple[DmpLayer, torch.Tensor, torch.Tensor]) -> None:
    layer, outputs, start = reach
    accelerations = {
        samples: np.diff(layer(outputs, start, samples=samples).numpy(), n=2, axis=0) * samples**2
        for samples in (350, 1750)
    }
    assert np.abs(accelerations[1750]).max() <= 1.02 * np.abs(accelerations[350]).max()


def test_a_finer_integration_step_would_move_the_curve() -> None:
    demonstration = minimum_jerk(350)[None]
    fit = fit_dmp(DmpConfig(), np.zeros((1, 7)), demonstration)
    fine = DmpConfig(rollout_length=700)
    still = torch.zeros(1, 7, dtype=torch.float64)
    weights, goal = torch.tensor(fit.weights), torch.tensor(fit.goal)
    moved = closed_form_rollout(fine, weights, goal, still, still)[:, 1::2].numpy()
    # Why the number of samples leaves the step alone: milliradians, hundreds of times the spline's error.
    assert np.abs(moved - demonstration).max() > 1e-3
