"""The closed form is the unrolled integrator: same positions, same gradients."""

from functools import partial
from itertools import product
from typing import cast

import pytest
import torch

from hndp_core.motion import BasisLayout, DmpConfig, DmpLayer, Forcing, closed_form_rollout, euler_rollout

Motion = tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]

CONFIGS = [
    DmpConfig(dof=dof, forcing=cast(Forcing, forcing), rollout_length=steps, basis=basis, attractor_gain=gain)
    for (steps, basis, gain), forcing, dof in product(
        [(350, 30, 25.0), (100, 6, 15.0)], ["unscaled", "goal_scaled"], [2, 7]
    )
] + [
    DmpConfig(basis_layout=cast(BasisLayout, "paper")),
    DmpConfig(forcing_inside_gain=True),
    DmpConfig(phase_decay=4.0, attractor_gain=60.0),
]


def random_motion(config: DmpConfig) -> Motion:
    """Weights up to 1000, goal, start, and a start velocity that is not zero."""
    generator = torch.Generator().manual_seed(0)

    def uniform(*shape: int) -> torch.Tensor:
        return 2 * torch.rand(*shape, generator=generator, dtype=torch.float64) - 1

    weights, state = (4, config.dof, config.basis), (4, config.dof)
    return 1000 * uniform(*weights), 2 * uniform(*state), uniform(*state), uniform(*state)


def relative_error(found: torch.Tensor, expected: torch.Tensor) -> float:
    return float((found.double() - expected.double()).abs().max() / expected.double().abs().max())


@pytest.mark.parametrize("config", CONFIGS, ids=str)
def test_equals_the_unrolled_integrator_in_float64(config: DmpConfig) -> None:
    motion = random_motion(config)
    assert relative_error(closed_form_rollout(config, *motion), euler_rollout(config, *motion)) < 1e-12


@pytest.mark.parametrize("config", CONFIGS, ids=str)
def test_equals_the_unrolled_integrator_in_float32(config: DmpConfig) -> None:
    motion = random_motion(config)
    weights, goal, start, velocity = (tensor.float() for tensor in motion)
    found = closed_form_rollout(config, weights, goal, start, velocity)
    assert found.dtype == torch.float32
    assert relative_error(found, euler_rollout(config, weights, goal, start, velocity)) < 1e-5
    assert relative_error(found, euler_rollout(config, *motion)) < 1e-5


@pytest.mark.parametrize("config", CONFIGS, ids=str)
def test_gradients_equal_those_of_the_unrolled_integrator(config: DmpConfig) -> None:
    gradients = []
    for rollout in (partial(euler_rollout, config), partial(closed_form_rollout, config)):
        weights, goal, start, velocity = (tensor.requires_grad_() for tensor in random_motion(config))
        positions = rollout(weights, goal, start, velocity)
        generator = torch.Generator().manual_seed(1)
        direction = torch.randn(positions.shape, generator=generator, dtype=torch.float64)
        inputs = (weights, goal, start, velocity)
        gradients.append(torch.autograd.grad((positions * direction).sum(), inputs))
    for closed, unrolled in zip(gradients[1], gradients[0], strict=True):
        assert relative_error(closed, unrolled) < 1e-12


@pytest.mark.parametrize("config", CONFIGS, ids=str)
def test_layer_equals_the_unrolled_integrator_for_its_own_parameters(config: DmpConfig) -> None:
    layer = DmpLayer(config)
    generator = torch.Generator().manual_seed(2)
    outputs = torch.randn(3, layer.outputs, generator=generator, dtype=torch.float64)
    start, velocity = torch.randn(2, 3, config.dof, generator=generator, dtype=torch.float64)
    parameters = layer.parameters_of(outputs)
    unrolled = euler_rollout(config, parameters.weights, parameters.goal, start, velocity)
    # Up to the condition of the weights (1e10) times the rounding of float64.
    assert relative_error(layer(outputs, start, velocity), unrolled) < 1e-5


@pytest.mark.parametrize("forcing", ["unscaled", "goal_scaled"])
def test_layer_passes_gradcheck(forcing: Forcing) -> None:
    layer = DmpLayer(DmpConfig(dof=2, basis=4, rollout_length=12, attractor_gain=10.0, forcing=forcing))
    generator = torch.Generator().manual_seed(3)
    outputs = torch.randn(2, layer.outputs, generator=generator, dtype=torch.float64, requires_grad=True)
    start, velocity = (
        torch.randn(2, 2, generator=generator, dtype=torch.float64, requires_grad=True) for _ in range(2)
    )
    assert torch.autograd.gradcheck(layer, (outputs, start, velocity))
    assert torch.autograd.gradcheck(lambda *inputs: layer(*inputs, samples=9), (outputs, start, velocity))
