"""What cells and trainings ask of a policy.

A cell asks for one motion from what it sees; every method's policy is a `LocalPolicies` or a `GlobalPolicy`.
Global training asks a `LearnedPolicy` how far it is from what it should do.
"""

from abc import abstractmethod

import numpy as np
import torch
from jaxtyping import Float, UInt8
from torch import Tensor

from hndp_core.policies.encoder import SpatialSoftmaxEncoder
from hndp_core.policies.network import Network


class LocalPolicies(Network):
    """The local policies pi_l of all regions (H-NDP Algorithm 1): privileged state in, trajectory out."""

    @abstractmethod
    def plan(
        self,
        region: int,
        state: Float[np.ndarray, " state"],
        joints: Float[np.ndarray, " dof"],
        samples: int | None = None,
    ) -> Float[np.ndarray, "samples dof"]:
        """One float64 trajectory [rad] of the policy of `region` (counted from 0), from the current joints.

        `samples` is the number of rows, by default the rollout length.

        Raises:
            InvalidSetting: no such region.
            ShapeMismatch: state or joints of another size.
        """


class GlobalPolicy(Network):
    """The global policy pi_g: camera image and joints in, trajectory out."""

    @abstractmethod
    def plan(
        self,
        image: UInt8[np.ndarray, "height width 3"],
        joints: Float[np.ndarray, " dof"],
        samples: int | None = None,
    ) -> Float[np.ndarray, "samples dof"]:
        """One float64 trajectory [rad] from the current joints.

        `samples` is the number of rows, by default the rollout length.

        Raises:
            ShapeMismatch: image or joints of another size.
        """


class LearnedPolicy(GlobalPolicy):
    """A global policy that is trained by gradients: its convolutions may come from pretraining."""

    encoder: SpatialSoftmaxEncoder

    @abstractmethod
    def calibrate(
        self, starts: Float[np.ndarray, "demo dof"], trajectories: Float[np.ndarray, "demo time dof"]
    ) -> None:
        """Set the scales of joints and outputs from demonstrations; do it once, before training."""

    @abstractmethod
    def targets(
        self, starts: Float[np.ndarray, "demo dof"], trajectories: Float[np.ndarray, "demo time dof"]
    ) -> Tensor:
        """What `errors` compares with, one row per trajectory; computed once for a training."""

    @abstractmethod
    def errors(
        self,
        images: Float[Tensor, "batch 3 height width"],
        starts: Float[Tensor, "batch dof"],
        targets: Tensor,
        generator: torch.Generator,
    ) -> Float[Tensor, " batch"]:
        """The loss of each observation against its row of `targets`; the generator draws what is random."""
