"""The primitive as the authors of NDP parametrise it in their code."""

from dataclasses import asdict

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from hndp_core.motion.closed_form_motion import closed_form_rollout
from hndp_core.motion.config import DmpConfig
from hndp_core.motion.head import TrajectoryHead

AUTHORS_OUTPUT_FACTOR = 1000.0
"""Their last layer's outputs are multiplied by this, goals and weights alike."""
AUTHORS_START_VELOCITY = 0.01
"""Their primitive starts with this velocity, per rollout, whatever the task."""


class AuthorsHead(TrajectoryHead):
    """Weights and goal as the code of NDP has them: outputs times 1000, forcing scaled by the goal's
    distance, a start velocity of 0.01, and as many outputs again as joints that nothing reads.

    The maths is that of their unrolled integrator in closed form.
    """

    kind = "authors"
    conditioned = False
    output_factor = AUTHORS_OUTPUT_FACTOR

    def __init__(self, config: DmpConfig) -> None:
        super().__init__()
        self.config = config
        self.dof, self.rollout_length = config.dof, config.rollout_length
        self.outputs = config.dof * (config.basis + 2)

    def description(self) -> dict[str, object]:
        return {"kind": self.kind, "config": asdict(self.config)}

    def calibrate(
        self, starts: Float[np.ndarray, "demo dof"], trajectories: Float[np.ndarray, "demo time dof"]
    ) -> None:
        """Nothing: the factor is fixed."""

    def parameters_of(self, outputs: Float[Tensor, "*batch outputs"]) -> tuple[Tensor, Tensor]:
        """Weights (*batch, dof, basis) and goals (*batch, dof) [rad]."""
        scaled = AUTHORS_OUTPUT_FACTOR * outputs
        goal, weights, _ = scaled.split([self.dof, self.dof * self.config.basis, self.dof], dim=-1)
        return weights.unflatten(-1, (self.dof, self.config.basis)), goal

    def trajectory(
        self,
        outputs: Float[Tensor, "*batch outputs"],
        start: Float[Tensor, "*batch dof"],
        start_velocity: Float[Tensor, "*batch dof"] | None = None,
    ) -> Float[Tensor, "*batch time dof"]:
        """Joint angles [rad]."""
        if start_velocity is None:
            start_velocity = torch.full_like(start, AUTHORS_START_VELOCITY)
        weights, goal = self.parameters_of(outputs)
        return closed_form_rollout(self.config, weights, goal, start, start_velocity)
