"""Pretraining of the encoder: where is the object?"""

from dataclasses import asdict

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from hndp_core.errors import InvalidSetting
from hndp_core.policies.encoder import EncoderConfig, SpatialSoftmaxEncoder
from hndp_core.policies.network import Network
from hndp_core.policies.standardiser import Standardiser

_LEAST_POSITION_SCALE_M = 0.01


class PoseNetwork(Network):
    """The encoder whose readout tells the object's position (H-NDP Sec. IV-C).

    Args:
        encoder: its readout has one number for each coordinate of the position.
        generator: draws the first weights.

    Raises:
        InvalidSetting: an encoder without a readout.
    """

    kind = "pose_network"

    def __init__(self, encoder: EncoderConfig, *, generator: torch.Generator) -> None:
        super().__init__()
        if not encoder.readout:
            raise InvalidSetting("readout", encoder.readout, "use one number for each coordinate")
        self.encoder = SpatialSoftmaxEncoder(encoder, generator=generator)
        self.scaled = Standardiser(encoder.readout)

    def calibrate(self, positions: Float[np.ndarray, "sample position"]) -> None:
        """Set the scale of the outputs from the positions [m] that will be learned.

        A class, told by a 1 among zeros, has no spread about its median: there the deviation is the scale.
        """
        classes = np.mean(positions == np.median(positions, axis=0), axis=0) > 0.5
        least = np.where(classes, positions.std(axis=0), 0.0)
        self.scaled.calibrate(positions, np.maximum(least, _LEAST_POSITION_SCALE_M))

    def forward(self, images: Float[Tensor, "batch 3 height width"]) -> Float[Tensor, "batch position"]:
        """Object position [m]."""
        return self.scaled.inverse(self.encoder(images))

    def architecture(self) -> dict[str, object]:
        return {"encoder": asdict(self.encoder.config)}
