import pytest
import torch

from hndp_core.experiments.digits.methods import METHODS, STEPS
from hndp_core.experiments.digits.network import build_network
from hndp_core.motion import PointsHead


def raw_points(steps: int) -> PointsHead:
    """A head whose outputs are px."""
    return PointsHead(2, steps, scaling="none", least_scale=1e-4)


@pytest.mark.parametrize("name", METHODS)
def test_every_method_goes_from_image_and_start_to_a_motion(name: str):
    method = METHODS[name]
    network = build_network(method.recipe, method.head(), torch.Generator().manual_seed(0))
    images, starts = torch.rand(3, 40, 40, generator=torch.Generator().manual_seed(1)), torch.ones(3, 2)
    motion = network(images, starts)
    assert motion.shape == (3, STEPS, 2)
    motion.sum().backward()
    assert all(parameter.grad is not None for parameter in network.parameters())


@pytest.mark.parametrize("recipe", ["authors", "conditioned"])
def test_first_weights_depend_on_the_generator_alone(recipe):
    networks = [
        build_network(
            recipe, PointsHead(2, 4, scaling="none", least_scale=1e-4), torch.Generator().manual_seed(seed)
        )
        for seed in (0, 0, 1)
    ]
    first, again, other = (torch.cat([p.flatten() for p in network.parameters()]) for network in networks)
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


def test_the_authors_body_has_their_layers():
    body = build_network("authors", METHODS["ndp_authors"].head(), torch.Generator().manual_seed(0)).body
    linear = [module for module in body.modules() if isinstance(module, torch.nn.Linear)]
    assert [(layer.in_features, layer.out_features) for layer in linear] == [
        (800, 200), (200, 100), (100, 200), (200, 128), (128, 64), (64, 64),
    ]  # fmt: skip
    last = linear[-1].weight
    torch.testing.assert_close(last @ last.T, torch.eye(64), rtol=0, atol=1e-5)


def test_a_well_conditioned_network_starts_at_the_typical_motion_whatever_the_brightness():
    head = raw_points(30)
    network = build_network("conditioned", head, torch.Generator().manual_seed(0))
    images = torch.rand(5, 40, 40, generator=torch.Generator().manual_seed(1))
    assert network.body(images[:, None]).abs().max() < 0.1
    torch.testing.assert_close(
        network(0.5 * images, torch.zeros(5, 2)), network(images, torch.zeros(5, 2)), rtol=1e-2, atol=1e-4
    )
