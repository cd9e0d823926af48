"""Pretraining of the encoder: where is the object, or which is it?"""

from dataclasses import asdict

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional

from hndp_core.errors import InvalidSetting
from hndp_core.policies.encoder import EncoderConfig, SpatialSoftmaxEncoder
from hndp_core.policies.network import Network
from hndp_core.policies.standardiser import Standardiser

_LEAST_POSITION_SCALE_M = 0.01


class PoseNetwork(Network):
    """The encoder whose readout tells the object's position, or its class (H-NDP Sec. IV-C).

    Args:
        encoder: its readout has one number for each coordinate of the position, or each class.
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
        """Set the scale of the outputs from the positions [m] that will be learned; classes have none."""
        if not self.encoder.config.classes:
            self.scaled.calibrate(positions, _LEAST_POSITION_SCALE_M)

    def forward(self, images: Float[Tensor, "batch 3 height width"]) -> Float[Tensor, "batch position"]:
        """Object position [m], or the probability of each class."""
        return self.scaled.inverse(self.encoder(images))

    def error(
        self, images: Float[Tensor, "batch 3 height width"], wanted: Float[Tensor, "batch position"]
    ) -> Float[Tensor, ""]:
        """Mean squared error on the scale of the positions, or the cross entropy of classes."""
        scores = self.encoder.scores(images)
        if self.encoder.config.classes:
            return functional.cross_entropy(scores, wanted)
        return (scores - self.scaled(wanted)).square().mean()

    def architecture(self) -> dict[str, object]:
        return {"encoder": asdict(self.encoder.config)}
