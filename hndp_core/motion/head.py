"""The contract between a network's outputs and the motion they stand for."""

from abc import ABC, abstractmethod

import numpy as np
from jaxtyping import Float
from torch import Tensor, nn

from hndp_core.motion.resampling import resample


class TrajectoryHead(nn.Module, ABC):
    """Turns a network's output vector into a joint trajectory. A policy body knows nothing else of its head.

    A head reads its outputs on a scale where 0 is the typical demonstration and 1 a typical deviation from
    it, once `calibrate` has seen demonstrations.
    """

    kind: str
    """Name in checkpoints."""
    dof: int
    rollout_length: int
    outputs: int
    """Numbers that the network has to provide."""

    @abstractmethod
    def calibrate(
        self, starts: Float[np.ndarray, "demo dof"], trajectories: Float[np.ndarray, "demo time dof"]
    ) -> None:
        """Set centre and scale of the outputs from demonstrations, robustly against a bad one among them."""

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
