from copy import deepcopy

import numpy as np
import pytest
import torch

from hndp_core.errors import ShapeMismatch
from hndp_core.motion import DmpConfig, DmpLayer, Forcing, fit_dmp


def demonstrations(count: int = 18) -> tuple[np.ndarray, np.ndarray]:
    """Starts and reaches whose spans vary smoothly, as between neighbouring regions."""
    time = np.arange(1, 351)[:, None] / 350
    reach = 10 * time**3 - 15 * time**4 + 6 * time**5
    spans = np.linspace(0.2, 0.8, count)[:, None] * np.array([1, -1, 0.5, 2, -0.5, 0.01, 1.5])
    return np.zeros((count, 7)), spans[:, None] * reach


@pytest.mark.parametrize("forcing", ["unscaled", "goal_scaled"])
def test_zero_output_is_the_typical_demonstration(forcing: Forcing) -> None:
    layer = DmpLayer(DmpConfig(forcing=forcing))
    starts, trajectories = demonstrations(count=17)
    layer.calibrate(starts, trajectories)
    found = layer(torch.zeros(1, layer.outputs, dtype=torch.float64), torch.zeros(1, 7, dtype=torch.float64))
    np.testing.assert_allclose(found[0].numpy(), trajectories[8], atol=1e-3)


def test_fitted_parameters_through_the_layer_are_the_demonstration() -> None:
    config = DmpConfig()
    layer = DmpLayer(config)
    starts, trajectories = demonstrations()
    layer.calibrate(starts, trajectories)
    fit = fit_dmp(config, starts, trajectories)
    fitted = torch.tensor(np.concatenate([fit.coefficients, fit.goal[..., None]], axis=-1))
    outputs = ((fitted - layer.centre) / layer.scale).flatten(1)
    np.testing.assert_allclose(layer(outputs, torch.tensor(starts)).numpy(), trajectories, atol=1e-4)


def test_one_bad_demonstration_does_not_spoil_the_scale() -> None:
    starts, trajectories = demonstrations()
    clean, spoilt = DmpLayer(DmpConfig()), DmpLayer(DmpConfig())
    clean.calibrate(starts, trajectories)
    trajectories[4] += np.linspace(0, 2, 350)[:, None] ** 2  # an elbow flip
    spoilt.calibrate(starts, trajectories)
    ratio = spoilt.scale / clean.scale
    assert float(ratio.min()) > 0.8
    assert float(ratio.max()) < 1.25
    assert float((spoilt.centre - clean.centre).abs().max()) < 0.1


def test_mean_square_error_is_the_squared_error_of_the_outputs() -> None:
    layer = DmpLayer(DmpConfig(dof=1))
    outputs = torch.randn(layer.outputs, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    outputs[-1] = 0.0  # the goal
    start = torch.zeros(1, dtype=torch.float64)
    moved = layer(outputs, start) - layer(torch.zeros_like(outputs), start)
    assert float(moved.square().mean()) == pytest.approx(float(outputs.square().sum()))


def test_motion_starts_at_the_start_and_coasts_with_its_velocity() -> None:
    layer = DmpLayer(DmpConfig())
    generator = torch.Generator().manual_seed(0)
    outputs = torch.randn(2, layer.outputs, generator=generator, dtype=torch.float64)
    start, velocity = torch.randn(2, 2, 7, generator=generator, dtype=torch.float64)
    torch.testing.assert_close(layer(outputs, start)[:, 0], start)
    torch.testing.assert_close(layer(outputs, start, velocity)[:, 0], start + velocity / 350)


def test_any_leading_axes_are_batches() -> None:
    layer = DmpLayer(DmpConfig(dof=2, basis=5, rollout_length=50))
    outputs = torch.randn(3, 4, layer.outputs, generator=torch.Generator().manual_seed(0))
    start = torch.zeros(3, 4, 2)
    together = layer(outputs, start)
    assert together.shape == (3, 4, 50, 2)
    torch.testing.assert_close(together[2, 1], layer(outputs[2, 1], start[2, 1]))


def test_constants_survive_inference_mode() -> None:
    config = DmpConfig(dof=3, basis=5, rollout_length=41)
    with torch.inference_mode():
        DmpLayer(config)
    layer = DmpLayer(config)
    outputs = torch.zeros(layer.outputs, requires_grad=True)
    layer(outputs, torch.zeros(3), samples=20).sum().backward()
    assert outputs.grad is not None


def test_refuses_outputs_of_another_size_and_empty_demonstrations() -> None:
    layer = DmpLayer(DmpConfig())
    with pytest.raises(ShapeMismatch, match="network output"):
        layer(torch.zeros(1, 5), torch.zeros(1, 7))
    with pytest.raises(ShapeMismatch, match="at least one demonstration"):
        layer.calibrate(np.zeros((0, 7)), np.zeros((0, 350, 7)))


def test_constants_that_were_cast_once_follow_every_change() -> None:
    config = DmpConfig(dof=7, basis=8, rollout_length=350)
    layer = DmpLayer(config)
    outputs = torch.randn(2, layer.outputs, generator=torch.Generator().manual_seed(0))
    start = torch.zeros(2, 7)
    raw = layer(outputs, start)
    layer.calibrate(*demonstrations())
    calibrated = layer(outputs, start)
    assert not torch.equal(calibrated, raw)

    fresh, copied = DmpLayer(config), deepcopy(layer)
    torch.testing.assert_close(fresh(outputs, start), raw, rtol=0, atol=0)
    fresh.load_state_dict(layer.state_dict())
    torch.testing.assert_close(fresh(outputs, start), calibrated, rtol=0, atol=0)
    copied.load_state_dict(DmpLayer(config).state_dict())
    torch.testing.assert_close(copied(outputs, start), raw, rtol=0, atol=0)
    torch.testing.assert_close(layer(outputs, start), calibrated, rtol=0, atol=0)


def test_gradients_pass_after_a_first_use_in_inference_mode() -> None:
    layer = DmpLayer(DmpConfig(dof=3, basis=5, rollout_length=41))
    outputs = torch.zeros(layer.outputs, requires_grad=True)
    with torch.inference_mode():
        layer(outputs, torch.zeros(3))
    layer(outputs, torch.zeros(3)).sum().backward()
    assert outputs.grad is not None


def test_along_directions_a_trajectory_has_the_coordinates_of_the_whole_one() -> None:
    layer = DmpLayer(DmpConfig(dof=3, basis=5, rollout_length=41))
    generator = torch.Generator().manual_seed(0)
    outputs, velocity = (torch.randn(4, size, generator=generator).double() for size in (layer.outputs, 3))
    start = torch.zeros(4, 3, dtype=torch.float64)
    directions = torch.randn(41, 6, generator=generator).double()
    whole = layer(outputs, start, velocity).transpose(-1, -2) @ directions
    torch.testing.assert_close(layer.along(directions)(outputs, start, velocity).transpose(-1, -2), whole)
