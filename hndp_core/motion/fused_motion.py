"""What a primitive's numbers add up to, as one step of autograd, multiplied by oneDNN.

With many motions at a time oneDNN multiplies matrices so tall and narrow quicker than MKL, which `@` uses,
and one step costs less than the four that autograd would record; with few, the detour through Python costs
more than both spare. `hndp bench dmp` measures either side.
"""

from typing import Any, Final

import torch
from jaxtyping import Float
from torch import Tensor
from torch.autograd.function import once_differentiable

_LINEAR: Final = getattr(torch.ops.mkldnn, "_linear_pointwise", None)
"""The product that torch's own compiler calls; None in a build of torch without oneDNN."""


_LEAST_OUTPUTS: Final = 30_000
"""Numbers from which on it is quicker: 1,000 joints' motions of 30 weights."""


def is_worth_fusing(outputs: Tensor) -> bool:
    """Whether `FusedMotion` can take such network outputs, and is quicker."""
    fits = _LINEAR is not None and outputs.dtype == torch.float32 and outputs.device.type == "cpu"
    return fits and outputs.numel() >= _LEAST_OUTPUTS


class FusedMotion(torch.autograd.Function):
    """[centre + scale x outputs, start] @ responses; gradients flow to outputs and start."""

    @staticmethod
    def forward(
        ctx: Any,
        outputs: Float[Tensor, "*batch outputs"],
        start: Float[Tensor, "*batch dof"],
        responses: Float[Tensor, "inputs time"],
        centre: Float[Tensor, "dof per_joint"],
        scale: Float[Tensor, "dof per_joint"],
    ) -> Float[Tensor, "*batch dof time"]:
        ctx.save_for_backward(responses, scale)
        values = outputs.unflatten(-1, centre.shape)
        inputs = torch.cat([torch.addcmul(centre, scale, values), start[..., None]], dim=-1)
        return _product(inputs, responses.t())

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Float[Tensor, "*batch dof time"]) -> tuple[Tensor | None, ...]:
        responses, scale = ctx.saved_tensors
        to_inputs = _product(gradient.contiguous(), responses)
        to_outputs = (to_inputs[..., :-1] * scale).flatten(-2)
        return to_outputs, to_inputs[..., -1], None, None, None


def _product(rows: Float[Tensor, "*rows inner"], columns: Float[Tensor, "outer inner"]) -> Tensor:
    """rows @ columns.T"""
    assert _LINEAR is not None
    return _LINEAR(rows, columns, None, "none", [], "")
