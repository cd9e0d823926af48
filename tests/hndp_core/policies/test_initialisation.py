import pytest
import torch

from hndp_core.policies.initialisation import convolution, linear_layer


def test_first_weights_come_from_the_generator_alone() -> None:
    before = torch.get_rng_state()
    first, second = (
        linear_layer(30, 20, gain=1.0, generator=torch.Generator().manual_seed(5)) for _ in range(2)
    )
    convolution(3, 8, 5, 2, gain=1.0, generator=torch.Generator())
    assert torch.equal(first.weight, second.weight)
    assert torch.equal(torch.get_rng_state(), before)


def test_spread_follows_the_number_of_inputs() -> None:
    generator = torch.Generator().manual_seed(0)
    layer = linear_layer(400, 300, gain=2.0, generator=generator)
    assert float(layer.weight.detach().std()) == pytest.approx(2.0 / 20, rel=0.02)
    filters = convolution(16, 64, 5, 1, gain=1.0, generator=generator)
    assert float(filters.weight.detach().std()) == pytest.approx(1 / 20, rel=0.02)
