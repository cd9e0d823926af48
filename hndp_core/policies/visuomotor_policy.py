"""Global policy: camera image and joints in, trajectory out."""

from dataclasses import asdict

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from hndp_core.errors import InvalidSetting
from hndp_core.motion import TrajectoryHead
from hndp_core.policies.encoder import EncoderConfig, SpatialSoftmaxEncoder
from hndp_core.policies.initialisation import last_layer_gain, linear_layer
from hndp_core.policies.learned_policy import LearnedPolicy
from hndp_core.policies.standardiser import Standardiser


class VisuomotorPolicy(LearnedPolicy):
    """Encoder features and joints through two fully connected layers (H-NDP Sec. IV-C), whatever the head.

    Args:
        head: what the outputs stand for
        encoder: of the image
        hidden: neurons of each of the two fully connected layers
        generator: draws the first weights
    """

    kind = "visuomotor_policy"

    def __init__(
        self, head: TrajectoryHead, encoder: EncoderConfig, *, hidden: int = 100, generator: torch.Generator
    ) -> None:
        super().__init__()
        if hidden < 1:
            raise InvalidSetting("hidden", hidden, "use at least 1")
        self.hidden_size = hidden
        self.encoder = SpatialSoftmaxEncoder(encoder, generator=generator)
        self.standardise = Standardiser(head.dof)
        inputs = encoder.features + head.dof
        self.first = linear_layer(inputs, hidden, gain=2**0.5, generator=generator)
        self.second = linear_layer(hidden, hidden, gain=2**0.5, generator=generator)
        self.last = linear_layer(hidden, head.outputs, gain=last_layer_gain(head), generator=generator)
        self.head = head

    def outputs(
        self, images: Float[Tensor, "batch 3 height width"], joints: Float[Tensor, "batch dof"]
    ) -> Float[Tensor, "batch outputs"]:
        inputs = torch.cat([self.encoder(images), self.standardise(joints)], dim=-1)
        return self.last(torch.relu(self.second(torch.relu(self.first(inputs)))))

    def targets(
        self, starts: Float[np.ndarray, "demo dof"], trajectories: Float[np.ndarray, "demo time dof"]
    ) -> Float[Tensor, "demo row column"]:
        return self.head.targets(starts, trajectories)

    def errors(
        self,
        images: Float[Tensor, "batch 3 height width"],
        starts: Float[Tensor, "batch dof"],
        targets: Float[Tensor, "batch row column"],
        generator: torch.Generator,
    ) -> Float[Tensor, " batch"]:
        return self.head.error(self.outputs(images, starts), starts, targets)

    def architecture(self) -> dict[str, object]:
        return {
            "head": self.head.description(),
            "encoder": asdict(self.encoder.config),
            "hidden": self.hidden_size,
        }
