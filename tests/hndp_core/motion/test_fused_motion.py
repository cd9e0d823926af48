"""Many motions at a time are the same motions, with the same gradients."""

import pytest
import torch

from hndp_core.motion import DmpConfig, DmpLayer
from hndp_core.motion.fused_motion import FusedMotion, is_worth_fusing

MANY, FEW = 256, 8

pytestmark = pytest.mark.skipif(
    not is_worth_fusing(torch.empty(MANY, 217)), reason="this build of torch has no oneDNN"
)


def layer_with_scale() -> DmpLayer:
    layer = DmpLayer(DmpConfig(dof=7, basis=30, rollout_length=60))
    generator = torch.Generator().manual_seed(3)
    layer.centre.copy_(torch.randn(layer.centre.shape, generator=generator))
    layer.scale.copy_(torch.rand(layer.scale.shape, generator=generator) + 0.1)
    return layer


def inputs(layer: DmpLayer, *batch: int) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(4)
    sizes = (layer.outputs, 7, 7)
    outputs, start, velocity = (torch.randn(*batch, size, generator=generator) for size in sizes)
    return outputs.requires_grad_(), start.requires_grad_(), velocity.requires_grad_()


@pytest.mark.parametrize("batch", [(MANY,), (4, MANY // 4)])
@pytest.mark.parametrize("with_velocity", [False, True])
def test_motions_and_gradients_are_those_of_double_precision(batch: tuple[int, ...], with_velocity: bool):
    layer = layer_with_scale()
    given = inputs(layer, *batch)
    exact = tuple(each.detach().double().requires_grad_() for each in given)
    weights = torch.randn(*batch, 60, 7, generator=torch.Generator().manual_seed(5))
    used = 3 if with_velocity else 2
    found, wanted = layer(*given[:used]), layer(*exact[:used])
    assert FusedMotion.__name__ in graph_of(found)
    assert FusedMotion.__name__ not in graph_of(wanted)
    torch.testing.assert_close(found.double(), wanted, rtol=1e-5, atol=1e-4)
    (found * weights).sum().backward()
    (wanted * weights.double()).sum().backward()
    for fused, plain in zip(given[:used], exact[:used], strict=True):
        assert fused.grad is not None
        assert plain.grad is not None
        torch.testing.assert_close(fused.grad.double(), plain.grad, rtol=1e-4, atol=1e-3)


def test_a_gradient_in_any_memory_layout_is_taken():
    layer = layer_with_scale()
    first, second = inputs(layer, MANY), inputs(layer, MANY)
    layer(*first[:2]).sum().backward()  # every element is the same one in memory
    layer(*second[:2]).backward(torch.ones(MANY, 60, 7))
    torch.testing.assert_close(first[0].grad, second[0].grad)
    torch.testing.assert_close(first[1].grad, second[1].grad)


def test_few_motions_double_precision_and_the_papers_forcing_go_the_plain_way():
    layer = layer_with_scale()
    outputs, start, _ = inputs(layer, MANY)
    for plain in (
        layer(outputs[:FEW], start[:FEW]),
        layer(outputs.double(), start.double()),
        DmpLayer(DmpConfig(dof=7, forcing="goal_scaled"))(outputs, start),
    ):
        assert FusedMotion.__name__ not in graph_of(plain)


def test_a_second_derivative_is_refused_rather_than_wrong():
    layer = layer_with_scale()
    outputs, start, _ = inputs(layer, MANY)
    squared = layer(outputs, start).square().sum()
    (gradient,) = torch.autograd.grad(squared, outputs, create_graph=True)
    with pytest.raises(RuntimeError, match="once_differentiable"):
        gradient.sum().backward()


def graph_of(tensor: torch.Tensor) -> str:
    """Names of all steps that autograd recorded."""
    names, nodes = [], [tensor.grad_fn]
    while nodes:
        node = nodes.pop()
        if node is not None:
            names.append(node.name())
            nodes += [following for following, _ in node.next_functions]
    return " ".join(names)
