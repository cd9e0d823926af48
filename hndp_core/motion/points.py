"""A trajectory as a fully connected layer gives it: every joint at every step."""

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from hndp_core.motion.head import TrajectoryHead
from hndp_core.motion.output_scaling import Scaling, centre_and_scale


class PointsHead(TrajectoryHead):
    """One output for each joint at each step, as displacement from the true start: what the papers compare
    with as a vanilla network (H-NDP Sec. IV, NDP Sec. 5.1).

    Args:
        dof: joints
        rollout_length: steps
        scaling: how `calibrate` centres and scales by the demonstrations; "none": outputs are rad
        least_scale: what hardly varies among the demonstrations is read at least on this scale [rad]
    """

    kind = "points"
    centre: Tensor
    scale: Tensor

    def __init__(self, dof: int, rollout_length: int, *, scaling: Scaling, least_scale: float) -> None:
        super().__init__()
        self.dof, self.rollout_length, self.outputs = dof, rollout_length, dof * rollout_length
        self.scaling: Scaling = scaling
        self.least_scale = least_scale
        self.conditioned = scaling != "none"
        self.register_buffer("centre", torch.zeros(rollout_length, dof, dtype=torch.float64))
        self.register_buffer("scale", torch.ones(rollout_length, dof, dtype=torch.float64))

    def description(self) -> dict[str, object]:
        return {
            "kind": self.kind,
            "dof": self.dof,
            "rollout_length": self.rollout_length,
            "scaling": self.scaling,
            "least_scale": self.least_scale,
        }

    def calibrate(
        self, starts: Float[np.ndarray, "demo dof"], trajectories: Float[np.ndarray, "demo time dof"]
    ) -> None:
        """Centre and scale of each displacement."""
        centre, scale = centre_and_scale(trajectories - starts[:, None], self.scaling, self.least_scale)
        self.centre.copy_(torch.from_numpy(centre))
        self.scale.copy_(torch.from_numpy(scale))

    def trajectory(
        self,
        outputs: Float[Tensor, "*batch outputs"],
        start: Float[Tensor, "*batch dof"],
        start_velocity: Float[Tensor, "*batch dof"] | None = None,
    ) -> Float[Tensor, "*batch time dof"]:
        """Joint angles [rad]; points know no start velocity."""
        values = outputs.unflatten(-1, (self.rollout_length, self.dof))
        moved = self.centre.to(outputs.dtype) + self.scale.to(outputs.dtype) * values
        return start.unsqueeze(-2) + moved

    def outputs_of(
        self, starts: Float[np.ndarray, "demo dof"], trajectories: Float[np.ndarray, "demo time dof"]
    ) -> Float[Tensor, "demo outputs"]:
        """The outputs that make each trajectory: the inverse of `trajectory`."""
        moved = torch.from_numpy(trajectories - starts[:, None])
        return ((moved - self.centre.cpu()) / self.scale.cpu()).flatten(1).float()
