"""Four ends of one convolutional network (GPS Table II): from response maps to 64 numbers and a position."""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import torch
from jaxtyping import Float
from torch import Tensor, nn

from hndp_core.errors import InvalidSetting
from hndp_core.policies.encoder import READOUT_NEURONS, EncoderConfig, SpatialSoftmaxEncoder
from hndp_core.policies.initialisation import linear_layer
from hndp_core.policies.standardiser import Standardiser

_POOL = (3, 2)
"""Size and stride of the max pooling (GPS Sec. VI-C)."""


class PoseRegressor(nn.Module):
    """Image -> as many numbers as feature points have coordinates -> hidden layer -> position.

    Every end is read by the same two layers. One linear layer could not undo the camera's perspective, which
    costs feature points alone, as the other ends bring a rectified layer of their own.
    """

    def __init__(self, end: nn.Module, width: int, generator: torch.Generator) -> None:
        super().__init__()
        self.end = end
        self.hidden = linear_layer(width, READOUT_NEURONS, gain=math.sqrt(2.0), generator=generator)
        self.last = linear_layer(READOUT_NEURONS, 2, gain=1.0, generator=generator)
        self.scaled = Standardiser(2)

    def forward(self, images: Float[Tensor, "batch 3 height width"]) -> Float[Tensor, "batch 2"]:
        """Object position [m]; images in 0..1."""
        return self.scaled.inverse(self.last(torch.relu(self.hidden(self.end(images)))))


class SoftmaxFullyConnected(nn.Module):
    """The softmax of each map, then a learned layer where the expected position would be."""

    def __init__(self, config: EncoderConfig, generator: torch.Generator) -> None:
        super().__init__()
        self.encoder = SpatialSoftmaxEncoder(config, generator=generator)
        self.pixels = config.map_size**2
        self.mix = _mixing_layer(config.third_channels * self.pixels, config.features, generator)

    def forward(self, images: Float[Tensor, "batch 3 height width"]) -> Float[Tensor, "batch features"]:
        shares = torch.softmax(self.encoder.maps(images).flatten(2), dim=-1)
        # 0 is an even map and values are about 1: as they are, the shares would starve the layer of gradient.
        return torch.relu(self.mix((self.pixels * shares - 1.0).flatten(1)))


class FullyConnected(nn.Module):
    """A learned layer on all pixels of all maps."""

    def __init__(self, config: EncoderConfig, generator: torch.Generator) -> None:
        super().__init__()
        self.encoder = SpatialSoftmaxEncoder(config, generator=generator)
        self.mix = _mixing_layer(config.third_channels * config.map_size**2, config.features, generator)

    def forward(self, images: Float[Tensor, "batch 3 height width"]) -> Float[Tensor, "batch features"]:
        return torch.relu(self.mix(self.encoder.maps(images).flatten(1)))


class MaxPoolFullyConnected(nn.Module):
    """Max pooling after the first two convolutions, then a learned layer on all pixels of all maps.

    The second convolution has stride 1, else nothing would be left for the third.
    """

    def __init__(self, config: EncoderConfig, generator: torch.Generator) -> None:
        super().__init__()
        self.encoder = SpatialSoftmaxEncoder(replace(config, second_stride=1), generator=generator)
        self.mix = _mixing_layer(
            config.third_channels * pooled_map_size(config) ** 2, config.features, generator
        )

    def forward(self, images: Float[Tensor, "batch 3 height width"]) -> Float[Tensor, "batch features"]:
        pooled = nn.functional.max_pool2d(torch.relu(self.encoder.first(images - 0.5)), *_POOL)
        pooled = nn.functional.max_pool2d(torch.relu(self.encoder.second(pooled)), *_POOL)
        return torch.relu(self.mix(torch.relu(self.encoder.third(pooled)).flatten(1)))


def pooled_map_size(config: EncoderConfig) -> int:
    """Height and width of the last map behind two max poolings [pixels].

    Raises:
        InvalidSetting: an image so small that no pixel is left.
    """
    first, second, third = 7, 5, 5
    size = (config.image_size - first) // config.first_stride + 1
    size = (size - _POOL[0]) // _POOL[1] + 1
    size = (size - second + 1 - _POOL[0]) // _POOL[1] + 1
    size = size - third + 1
    if size < 1:
        raise InvalidSetting("image_size", config.image_size, "use images of 96 pixels or more")
    return size


def _mixing_layer(inputs: int, outputs: int, generator: torch.Generator) -> nn.Linear:
    return linear_layer(inputs, outputs, gain=math.sqrt(2.0), generator=generator)


@dataclass(frozen=True)
class End:
    """One row of the table.

    Attributes:
        title: for people
        build: from settings of the convolutions to the module from images to numbers
        paper_error_cm: GPS Table II, test error for three points in 3D, another robot and scene
    """

    title: str
    build: Callable[[EncoderConfig, torch.Generator], nn.Module]
    paper_error_cm: float


ENDS: dict[str, End] = {
    "softmax_points": End(
        "softmax + feature points",
        lambda config, generator: SpatialSoftmaxEncoder(config, generator=generator),
        1.30,
    ),
    "softmax_fc": End("softmax + fully connected layer", SoftmaxFullyConnected, 2.59),
    "fc": End("fully connected layer", FullyConnected, 4.75),
    "max_pool_fc": End("max-pooling + fully connected", MaxPoolFullyConnected, 3.71),
}


def build_regressor(end: str, config: EncoderConfig, generator: torch.Generator) -> PoseRegressor:
    """A fresh network; with equal generators all ends start from the same convolutions."""
    return PoseRegressor(ENDS[end].build(config, generator), config.features, generator)
