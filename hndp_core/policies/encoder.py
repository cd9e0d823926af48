"""Camera image -> positions of learned visual features, or what a pretraining taught to tell from them."""

from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float, UInt8
from torch import Tensor, nn

from hndp_core.errors import InvalidSetting, ShapeMismatch
from hndp_core.policies.initialisation import convolution, linear_layer
from hndp_core.policies.spatial_softmax import pixel_grid, spatial_softmax

READOUT_NEURONS = 40
"""As in the fully connected layers of the policies of GPS."""

_KERNELS = (7, 5, 5)


@dataclass(frozen=True)
class EncoderConfig:
    """Three convolutions with kernels 7, 5, 5 without padding, then a spatial softmax (H-NDP Sec. IV-C, GPS
    Sec. 5.1).

    Raises:
        InvalidSetting: a size or stride below 1, or an image so small that no pixel is left.
    """

    image_size: int = 96
    """Height and width of the image [pixels]."""
    first_channels: int = 32
    second_channels: int = 32
    third_channels: int = 32
    """Feature maps; each of the third gives two features, its x and y."""
    first_stride: int = 2
    second_stride: int = 1
    """2 makes the second and third convolution about four times cheaper and the map half as fine."""
    readout: int = 0
    """Numbers that two layers on top read off the feature points; 0: the points themselves are given."""
    classes: bool = False
    """Whether the readout is the probability of each of so many classes."""

    def __post_init__(self) -> None:
        if self.readout < 0:
            raise InvalidSetting("readout", self.readout, "use 0 or more")
        if self.classes and self.readout < 2:
            raise InvalidSetting("readout", self.readout, "tell 2 or more classes apart")
        for field in ("first_channels", "second_channels", "third_channels", "first_stride", "second_stride"):
            if getattr(self, field) < 1:
                raise InvalidSetting(field, getattr(self, field), "use at least 1")
        if self.map_size < 2:
            raise InvalidSetting("image_size", self.image_size, "use a larger image or smaller strides")

    @property
    def map_size(self) -> int:
        """Height and width of the last feature map [pixels]."""
        size = self.image_size
        for kernel, stride in zip(_KERNELS, (self.first_stride, self.second_stride, 1), strict=True):
            size = (size - kernel) // stride + 1
        return size

    @property
    def coordinates(self) -> int:
        """Coordinates of the feature points."""
        return 2 * self.third_channels

    @property
    def features(self) -> int:
        """Numbers that the encoder gives."""
        return self.readout or self.coordinates


def prepare_images(
    images: UInt8[np.ndarray, "batch height width 3"],
) -> Float[Tensor, "batch 3 height width"]:
    """Camera images as the encoder takes them: float32 in 0..1."""
    return torch.as_tensor(images).permute(0, 3, 1, 2).float() / 255.0


class SpatialSoftmaxEncoder(nn.Module):
    """Convolutions, each followed by a rectifier, the spatial softmax (GPS Sec. V-A), and any readout."""

    grid: Tensor

    def __init__(self, config: EncoderConfig, *, generator: torch.Generator) -> None:
        super().__init__()
        self.config = config
        first, second, third = config.first_channels, config.second_channels, config.third_channels
        rectified = 2**0.5  # keeps the variance through a rectifier
        self.first = convolution(3, first, 7, config.first_stride, gain=rectified, generator=generator)
        self.second = convolution(first, second, 5, config.second_stride, gain=rectified, generator=generator)
        self.third = convolution(second, third, 5, 1, gain=rectified, generator=generator)
        if config.readout:
            # A single layer could not undo the camera's perspective.
            self.readout = nn.Sequential(
                linear_layer(config.coordinates, READOUT_NEURONS, gain=rectified, generator=generator),
                nn.ReLU(),
                linear_layer(READOUT_NEURONS, config.readout, gain=1.0, generator=generator),
            )
        self.register_buffer("grid", pixel_grid(config.map_size, config.map_size), persistent=False)

    def check_image(self, image: np.ndarray) -> None:
        """Refuse a camera image of another size.

        Raises:
            ShapeMismatch: unless it is (image_size, image_size, 3).
        """
        size = self.config.image_size
        if image.shape != (size, size, 3):
            raise ShapeMismatch("image", image.shape, f"({size}, {size}, 3)")

    def forward(self, images: Float[Tensor, "batch 3 height width"]) -> Float[Tensor, "batch features"]:
        """The readout, or x and y of each map's softmax in -1..1. Images in 0..1, see `prepare_images`."""
        features = self.scores(images)
        return torch.softmax(features, dim=-1) if self.config.classes else features

    def scores(self, images: Float[Tensor, "batch 3 height width"]) -> Float[Tensor, "batch features"]:
        """The features; of classes the logarithms of their probabilities, up to a constant each image."""
        points = spatial_softmax(self.maps(images), self.grid).flatten(1)
        return self.readout(points) if self.config.readout else points

    def maps(
        self, images: Float[Tensor, "batch 3 height width"]
    ) -> Float[Tensor, "batch channel row column"]:
        """Response maps of the last convolution. Images in 0..1, see `prepare_images`."""
        maps = torch.relu(self.first(images - 0.5))
        return torch.relu(self.third(torch.relu(self.second(maps))))
