"""Where in the image each feature is."""

import torch
from jaxtyping import Float
from torch import Tensor


def pixel_grid(height: int, width: int) -> Float[Tensor, "pixel 2"]:
    """Coordinates (x, y) of every pixel in row order, from -1 at the left and top to 1 at the right and
    bottom.
    """
    rows, columns = torch.meshgrid(
        torch.linspace(-1.0, 1.0, height), torch.linspace(-1.0, 1.0, width), indexing="ij"
    )
    return torch.stack([columns.flatten(), rows.flatten()], dim=-1)


def spatial_softmax(
    maps: Float[Tensor, "batch channel height width"], grid: Float[Tensor, "pixel 2"]
) -> Float[Tensor, "batch channel 2"]:
    """Expected image coordinates (x, y) under the softmax of each channel over its pixels (H-NDP Sec.
    IV-C).
    """
    return torch.softmax(maps.flatten(2), dim=-1) @ grid.to(maps.dtype)
