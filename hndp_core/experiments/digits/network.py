"""The two bodies from image to numbers: the authors' and the project's."""

import math
from itertools import pairwise
from typing import Literal

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional

from hndp_core.motion.head import TrajectoryHead
from hndp_core.policies.initialisation import LAST_LAYER_GAIN, convolution, linear_layer

Recipe = Literal["authors", "conditioned"]
_AUTHORS_IMAGE_PX = 28
_AUTHORS_BIAS = 0.1


class DigitNetwork(nn.Module):
    """Image -> outputs of the head -> motion."""

    def __init__(self, body: nn.Module, head: TrajectoryHead) -> None:
        super().__init__()
        self.body, self.head = body, head

    def forward(
        self, images: Float[Tensor, "batch 40 40"], start: Float[Tensor, "batch 2"]
    ) -> Float[Tensor, "batch time 2"]:
        """Positions [px] after the start; images from 0 to 1."""
        return self.head(self.outputs(images), start)

    def outputs(self, images: Float[Tensor, "batch 40 40"]) -> Float[Tensor, "batch outputs"]:
        """What the head turns into a motion."""
        return self.body(images.unsqueeze(1))


def build_network(recipe: Recipe, head: TrajectoryHead, generator: torch.Generator) -> DigitNetwork:
    """A fresh network whose body follows one of the two recipes."""
    build = _authors_body if recipe == "authors" else _conditioned_body
    return DigitNetwork(build(head.outputs, generator), head)


def _authors_body(outputs: int, generator: torch.Generator) -> nn.Module:
    """As in the code of NDP: images at 28 x 28, a bottleneck of 100, a wide end, biases of 0.1.

    Theirs starts from convolutions that had learned to classify MNIST; these start at random.
    """
    widths = (800, 200, 100, 200, 2 * outputs, outputs)
    layers: list[nn.Module] = [
        nn.AdaptiveAvgPool2d(_AUTHORS_IMAGE_PX),
        convolution(1, 20, 5, 1, gain=1 / math.sqrt(3), generator=generator),
        nn.ReLU(),
        nn.MaxPool2d(2),
        convolution(20, 50, 5, 1, gain=1 / math.sqrt(3), generator=generator),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
    ]
    for inputs, width in pairwise(widths):
        layer = linear_layer(inputs, width, gain=1.0, generator=generator)
        # Their fan-in initialisation reads the number of outputs.
        bound = 1 / math.sqrt(width)
        with torch.no_grad():
            layer.weight.uniform_(-bound, bound, generator=generator)
            layer.bias.fill_(_AUTHORS_BIAS)
        layers += [layer, nn.ReLU()]
    last = linear_layer(outputs, outputs, gain=1.0, generator=generator)
    with torch.no_grad():
        nn.init.orthogonal_(last.weight, generator=generator)
    return nn.Sequential(*layers, last)


def _conditioned_body(outputs: int, generator: torch.Generator) -> nn.Module:
    """Strided convolutions on the whole image, variance kept from layer to layer, a start at the typical
    motion.
    """
    gain = math.sqrt(2.0)
    return nn.Sequential(
        _Standardise(),
        convolution(1, 16, 5, 2, gain=gain, generator=generator),
        nn.ReLU(),
        convolution(16, 32, 5, 2, gain=gain, generator=generator),
        nn.ReLU(),
        nn.Flatten(),
        linear_layer(32 * 7 * 7, 200, gain=gain, generator=generator),
        nn.ReLU(),
        linear_layer(200, 200, gain=gain, generator=generator),
        nn.ReLU(),
        linear_layer(200, outputs, gain=LAST_LAYER_GAIN, generator=generator),
    )


class _Standardise(nn.Module):
    """Each image at mean 0 and deviation 1: ink covers a twentieth of it."""

    def forward(self, images: Float[Tensor, "batch 1 rows columns"]) -> Tensor:
        return functional.layer_norm(images, images.shape[1:])
