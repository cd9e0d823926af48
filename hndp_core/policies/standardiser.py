"""Inputs brought to the same scale."""

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor, nn

from hndp_core.errors import ShapeMismatch
from hndp_core.motion import median_and_spread


class Standardiser(nn.Module):
    """(values - centre) / scale; the identity until calibrated."""

    centre: Tensor
    scale: Tensor

    def __init__(self, size: int) -> None:
        super().__init__()
        self.register_buffer("centre", torch.zeros(size, dtype=torch.float64))
        self.register_buffer("scale", torch.ones(size, dtype=torch.float64))

    def calibrate(self, samples: Float[np.ndarray, "sample size"], least_scale: float) -> None:
        """Take centre and scale from samples, robustly; what hardly varies is not blown up beyond
        `least_scale`.
        """
        if samples.ndim != 2 or not len(samples) or samples.shape[1] != len(self.centre):
            raise ShapeMismatch("samples", samples.shape, f"(at least 1, {len(self.centre)})")
        centre, scale = median_and_spread(samples, least=least_scale)
        self.centre.copy_(torch.from_numpy(centre))
        self.scale.copy_(torch.from_numpy(scale))

    def forward(self, values: Float[Tensor, "*batch size"]) -> Float[Tensor, "*batch size"]:
        return (values - self.centre.to(values.dtype)) / self.scale.to(values.dtype)

    def inverse(self, standardised: Float[Tensor, "*batch size"]) -> Float[Tensor, "*batch size"]:
        """Values from their standardised form."""
        return standardised * self.scale.to(standardised.dtype) + self.centre.to(standardised.dtype)
