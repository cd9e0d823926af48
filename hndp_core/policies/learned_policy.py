"""Global policies that are trained by gradients: image and joints -> outputs of a head -> trajectory."""

from abc import abstractmethod

import numpy as np
import torch
from jaxtyping import Float, UInt8
from torch import Tensor

from hndp_core.errors import ShapeMismatch
from hndp_core.motion import TrajectoryHead
from hndp_core.policies.contracts import GlobalPolicy
from hndp_core.policies.encoder import SpatialSoftmaxEncoder, prepare_images
from hndp_core.policies.standardiser import Standardiser

# Rollouts start at nearly the same joints; smaller differences [rad] than this say nothing about the task.
_LEAST_JOINT_SCALE_RAD = 0.1


class LearnedPolicy(GlobalPolicy):
    """What bodies between encoder and head have in common.

    Global training asks it how far it is from what it should do, whatever the body and the head.

    Attributes:
        encoder: of the image; its convolutions may come from pretraining
        standardise: of the joints
        head: what the outputs stand for
    """

    encoder: SpatialSoftmaxEncoder
    standardise: Standardiser
    head: TrajectoryHead

    def calibrate(
        self, starts: Float[np.ndarray, "demo dof"], trajectories: Float[np.ndarray, "demo time dof"]
    ) -> None:
        """Set the scales of joints and outputs from demonstrations; do it once, before training."""
        self.standardise.calibrate(starts, _LEAST_JOINT_SCALE_RAD)
        self.head.calibrate(starts, trajectories)

    @abstractmethod
    def outputs(
        self, images: Float[Tensor, "batch 3 height width"], joints: Float[Tensor, "batch dof"]
    ) -> Float[Tensor, "batch outputs"]:
        """What the head turns into a trajectory, phi(s) of H-NDP Sec. III-A."""

    @abstractmethod
    def targets(
        self, starts: Float[np.ndarray, "demo dof"], trajectories: Float[np.ndarray, "demo time dof"]
    ) -> Float[Tensor, "demo ..."]:
        """What `errors` compares with, one row per trajectory; computed once for a training."""

    @abstractmethod
    def errors(
        self,
        images: Float[Tensor, "batch 3 height width"],
        starts: Float[Tensor, "batch dof"],
        targets: Float[Tensor, "batch ..."],
        generator: torch.Generator,
    ) -> Float[Tensor, " batch"]:
        """The loss of each observation against its row of `targets`; the generator draws what is random."""

    def forward(
        self, images: Float[Tensor, "batch 3 height width"], starts: Float[Tensor, "batch dof"]
    ) -> Float[Tensor, "batch time dof"]:
        """Joint angles [rad] from images in 0..1 (`prepare_images`) and the joints that the motion starts
        at.
        """
        return self.head(self.outputs(images, starts), starts)

    @torch.inference_mode()
    def plan(
        self,
        image: UInt8[np.ndarray, "height width 3"],
        joints: Float[np.ndarray, " dof"],
        samples: int | None = None,
    ) -> Float[np.ndarray, "samples dof"]:
        """See `GlobalPolicy.plan`; the head computes in float64, whatever the network's precision."""
        self.encoder.check_image(image)
        if joints.shape != (self.head.dof,):
            raise ShapeMismatch("joints", joints.shape, f"({self.head.dof},)")
        dtype = self.encoder.first.weight.dtype
        start = torch.tensor(joints[None], dtype=torch.float64)
        outputs = self.outputs(prepare_images(image[None]).to(dtype), start.to(dtype))
        return self.head(outputs.double(), start, samples=samples)[0].numpy()
