"""Small random changes of images, so that light, colour and camera noise mean nothing to the policy."""

from dataclasses import dataclass

import torch
import torch.nn.functional as functional
from jaxtyping import Float
from torch import Tensor


@dataclass(frozen=True)
class Augmentation:
    """How much images are changed at random; 0 everywhere leaves them as they are.

    Attributes:
        light: relative change of brightness, uniform in +-light for the whole image
        colour: the same for each colour channel on its own
        shift_px: shift by up to this many pixels each way, with parts of a pixel, edges repeated
        noise: deviation of Gaussian pixel noise on a scale of 1
    """

    light: float
    colour: float
    shift_px: float
    noise: float

    def __call__(
        self, images: Float[Tensor, "batch 3 height width"], generator: torch.Generator
    ) -> Float[Tensor, "batch 3 height width"]:
        """Changed copies of images with values in 0 to 1; the same generator state gives the same bits."""
        count = len(images)

        def uniform(*shape: int) -> Tensor:
            # Drawn on the CPU wherever the images are: the same numbers on every machine.
            return (2.0 * torch.rand(shape, generator=generator, dtype=images.dtype) - 1.0).to(images.device)

        changed = images
        if self.shift_px > 0.0:
            changed = _shifted(changed, self.shift_px * uniform(count, 2))
        gain = (1.0 + self.light * uniform(count, 1, 1, 1)) * (1.0 + self.colour * uniform(count, 3, 1, 1))
        changed = changed * gain
        if self.noise > 0.0:
            noise = torch.randn(images.shape, generator=generator, dtype=images.dtype)
            changed = changed + self.noise * noise.to(images.device)
        return changed.clamp(0.0, 1.0)


def _shifted(
    images: Float[Tensor, "batch 3 height width"], shift_px: Float[Tensor, "batch 2"]
) -> Float[Tensor, "batch 3 height width"]:
    size = torch.tensor([images.shape[3], images.shape[2]], dtype=images.dtype, device=images.device)
    theta = torch.eye(2, 3, dtype=images.dtype, device=images.device).repeat(len(images), 1, 1)
    theta[:, :, 2] = 2.0 * shift_px / size
    grid = functional.affine_grid(theta, list(images.shape), align_corners=False)
    return functional.grid_sample(images, grid, padding_mode="border", align_corners=False)
