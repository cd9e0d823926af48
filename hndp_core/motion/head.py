"""The contract between a network's outputs and the motion they stand for."""

from abc import ABC, abstractmethod

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor, nn

from hndp_core.motion.resampling import resample


class TrajectoryHead(nn.Module, ABC):
    """Turns a network's output vector into a joint trajectory. A policy body knows nothing else of its head,
    and a training asks it how far outputs are from what they should be.

    A conditioned head reads its outputs on a scale where 0 is the typical demonstration and 1 a typical
    deviation from it, once `calibrate` has seen demonstrations; any other reads them as they are.
    """

    kind: str
    """Name in checkpoints."""
    dof: int
    rollout_length: int
    outputs: int
    """Numbers that the network has to provide."""
    conditioned: bool = True
    """Whether `calibrate` scales the outputs; a network then starts with small ones."""

    @abstractmethod
    def description(self) -> dict[str, object]:
        """All that builds the head again before its state is loaded, as JSON values; see `build_head`."""

    @abstractmethod
    def calibrate(
        self, starts: Float[np.ndarray, "demo dof"], trajectories: Float[np.ndarray, "demo time dof"]
    ) -> None:
        """Set centre and scale of the outputs from demonstrations, where the head is conditioned."""

    @abstractmethod
    def trajectory(
        self,
        outputs: Float[Tensor, "*batch outputs"],
        start: Float[Tensor, "*batch dof"],
        start_velocity: Float[Tensor, "*batch dof"] | None = None,
    ) -> Float[Tensor, "*batch time dof"]:
        """Joint angles [rad] at `rollout_length` steps; start_velocity in rad per rollout, default at
        rest.
        """

    def forward(
        self,
        outputs: Float[Tensor, "*batch outputs"],
        start: Float[Tensor, "*batch dof"],
        start_velocity: Float[Tensor, "*batch dof"] | None = None,
        samples: int | None = None,
    ) -> Float[Tensor, "*batch samples dof"]:
        """`trajectory`, read at any number of samples (default `rollout_length`)."""
        trajectory = self.trajectory(outputs, start, start_velocity)
        return trajectory if samples is None else resample(trajectory, start, samples)

    def targets(
        self, starts: Float[np.ndarray, "demo dof"], trajectories: Float[np.ndarray, "demo time dof"]
    ) -> Float[Tensor, "demo row column"]:
        """What `residuals` compares with, computed once for a training: by default the trajectories [rad]."""
        return torch.as_tensor(trajectories, dtype=torch.float32)

    def residuals(
        self,
        outputs: Float[Tensor, "*batch outputs"],
        starts: Float[Tensor, "*batch dof"],
        targets: Float[Tensor, "*batch row column"],
    ) -> Float[Tensor, "*batch row column"]:
        """How far outputs are from rows of `targets`: by default of the trajectory, at each step [rad]."""
        return self(outputs, starts) - targets

    def error(
        self,
        outputs: Float[Tensor, "*batch outputs"],
        starts: Float[Tensor, "*batch dof"],
        targets: Float[Tensor, "*batch row column"],
    ) -> Float[Tensor, "*batch"]:
        """Mean squared residual; of a trajectory [rad^2] the KL divergence of H-NDP Eq. 6, up to a factor.

        Two Gaussian policies of one fixed variance diverge by the squared distance of their means;
        Eq. 3 and 6 print the distance without its square.
        """
        residuals = self.residuals(outputs, starts, targets)
        return residuals.square().sum(dim=(-1, -2)) / (targets.shape[-1] * targets.shape[-2])
