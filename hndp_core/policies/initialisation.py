"""Layers whose first weights come from a given generator; the global random state is neither read nor
moved.
"""

import math
from typing import cast

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn.utils import skip_init

from hndp_core.motion.head import TrajectoryHead

# Networks start at the typical demonstration: the last layer's outputs are small beside the spread of
# demonstrations.
LAST_LAYER_GAIN = 0.01


def last_layer_gain(head: TrajectoryHead) -> float:
    """Gain of the last layer before a head: small where zero is the typical demonstration, else ordinary in
    the unit of the motion; a factor of 1000 would start with goals a thousand turns away.
    """
    return LAST_LAYER_GAIN if head.conditioned else 1.0 / head.output_factor


def fan_in_uniform_(
    weight: Float[Tensor, "..."], fan_in: int, gain: float, generator: torch.Generator
) -> Float[Tensor, "..."]:
    """Fill in place, uniform with standard deviation gain / sqrt(fan_in)."""
    bound = gain * math.sqrt(3.0 / fan_in)
    with torch.no_grad():
        return weight.uniform_(-bound, bound, generator=generator)


def linear_layer(inputs: int, outputs: int, *, gain: float, generator: torch.Generator) -> nn.Linear:
    """A fully connected layer with biases of zero."""
    layer = cast(nn.Linear, skip_init(nn.Linear, inputs, outputs, dtype=torch.float32))
    fan_in_uniform_(layer.weight, inputs, gain, generator)
    nn.init.zeros_(layer.bias)
    return layer


def convolution(
    inputs: int, outputs: int, kernel: int, stride: int, *, gain: float, generator: torch.Generator
) -> nn.Conv2d:
    """A convolution without padding, with biases of zero."""
    built = skip_init(nn.Conv2d, inputs, outputs, kernel, stride=stride, dtype=torch.float32)
    layer = cast(nn.Conv2d, built)
    fan_in_uniform_(layer.weight, inputs * kernel**2, gain, generator)
    nn.init.zeros_(cast(Tensor, layer.bias))
    return layer
