"""Global policy: camera image and joints in, trajectory out."""

from dataclasses import asdict

import numpy as np
import torch
from jaxtyping import Float, UInt8
from torch import Tensor

from hndp_core.errors import InvalidSetting, ShapeMismatch
from hndp_core.motion import TrajectoryHead
from hndp_core.policies.contracts import LearnedPolicy
from hndp_core.policies.encoder import EncoderConfig, SpatialSoftmaxEncoder, prepare_images
from hndp_core.policies.initialisation import last_layer_gain, linear_layer
from hndp_core.policies.standardiser import Standardiser

# Rollouts start at nearly the same joints; smaller differences [rad] than this say nothing about the task.
LEAST_JOINT_SCALE_RAD = 0.1


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

    def calibrate(
        self, starts: Float[np.ndarray, "demo dof"], trajectories: Float[np.ndarray, "demo time dof"]
    ) -> None:
        """Set the scales of joints and outputs from demonstrations; do it once, before training."""
        self.standardise.calibrate(starts, LEAST_JOINT_SCALE_RAD)
        self.head.calibrate(starts, trajectories)

    def outputs_from_features(
        self, features: Float[Tensor, "batch feature"], joints: Float[Tensor, "batch dof"]
    ) -> Float[Tensor, "batch outputs"]:
        """What the head turns into a trajectory, from the encoder's features: lets them be computed once."""
        inputs = torch.cat([features, self.standardise(joints)], dim=-1)
        return self.last(torch.relu(self.second(torch.relu(self.first(inputs)))))

    def outputs(
        self, images: Float[Tensor, "batch 3 height width"], joints: Float[Tensor, "batch dof"]
    ) -> Float[Tensor, "batch outputs"]:
        """What the head turns into a trajectory, phi(s) of H-NDP Sec. III-A."""
        return self.outputs_from_features(self.encoder(images), joints)

    def forward(
        self, images: Float[Tensor, "batch 3 height width"], starts: Float[Tensor, "batch dof"]
    ) -> Float[Tensor, "batch time dof"]:
        """Joint angles [rad] from images in 0..1 (`prepare_images`) and the joints that the motion starts
        at.
        """
        return self.head(self.outputs(images, starts), starts)

    def targets(
        self, starts: Float[np.ndarray, "demo dof"], trajectories: Float[np.ndarray, "demo time dof"]
    ) -> Tensor:
        return self.head.targets(starts, trajectories)

    def errors(
        self,
        images: Float[Tensor, "batch 3 height width"],
        starts: Float[Tensor, "batch dof"],
        targets: Float[Tensor, "batch row column"],
        generator: torch.Generator,
    ) -> Float[Tensor, " batch"]:
        return self.head.error(self.outputs(images, starts), starts, targets)

    @torch.inference_mode()
    def plan(
        self,
        image: UInt8[np.ndarray, "height width 3"],
        joints: Float[np.ndarray, " dof"],
        samples: int | None = None,
    ) -> Float[np.ndarray, "samples dof"]:
        """One float64 trajectory [rad] of `samples` rows (default the rollout length) from the current
        joints.

        Raises:
            ShapeMismatch: image or joints of another size.
        """
        self.encoder.check_image(image)
        if joints.shape != (self.head.dof,):
            raise ShapeMismatch("joints", joints.shape, f"({self.head.dof},)")
        dtype = self.last.weight.dtype
        start = torch.tensor(joints[None], dtype=torch.float64)
        outputs = self.outputs(prepare_images(image[None]).to(dtype), start.to(dtype))
        return self.head(outputs.double(), start, samples=samples)[0].numpy()

    def architecture(self) -> dict[str, object]:
        return {
            "head": self.head.description(),
            "encoder": asdict(self.encoder.config),
            "hidden": self.hidden_size,
        }
