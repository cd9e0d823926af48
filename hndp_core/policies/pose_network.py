"""Pretraining of the encoder: where is the object?"""

from dataclasses import asdict

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from hndp_core.policies.encoder import EncoderConfig, SpatialSoftmaxEncoder
from hndp_core.policies.initialisation import linear_layer
from hndp_core.policies.network import Network
from hndp_core.policies.standardiser import Standardiser

_LEAST_POSITION_SCALE_M = 0.01


class PoseNetwork(Network):
    """The encoder with one linear layer on top that tells the object's position (H-NDP Sec. IV-C).

    Args:
        encoder: of the policy that will take the convolutions over.
        position_size: coordinates of the position.
        generator: draws the first weights.
    """

    kind = "pose_network"

    def __init__(self, encoder: EncoderConfig, *, position_size: int = 2, generator: torch.Generator) -> None:
        super().__init__()
        self.position_size = position_size
        self.encoder = SpatialSoftmaxEncoder(encoder, generator=generator)
        self.last = linear_layer(encoder.features, position_size, gain=1.0, generator=generator)
        self.scaled = Standardiser(position_size)

    def calibrate(self, positions: Float[np.ndarray, "sample position"]) -> None:
        """Set the scale of the outputs from the positions [m] that will be learned.

        A class, told by a 1 among zeros, has no spread about its median: there the deviation is the scale.
        """
        classes = np.mean(positions == np.median(positions, axis=0), axis=0) > 0.5
        least = np.where(classes, positions.std(axis=0), 0.0)
        self.scaled.calibrate(positions, np.maximum(least, _LEAST_POSITION_SCALE_M))

    def forward(self, images: Float[Tensor, "batch 3 height width"]) -> Float[Tensor, "batch position"]:
        """Object position [m]."""
        return self.scaled.inverse(self.last(self.encoder(images)))

    def architecture(self) -> dict[str, object]:
        return {"encoder": asdict(self.encoder.config), "position_size": self.position_size}
