"""The primitive as CNN-DMP learns it: from parameters that were fitted to the demonstrations beforehand."""

from dataclasses import asdict

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from hndp_core.motion.closed_form import ClosedForm
from hndp_core.motion.closed_form_motion import closed_form_rollout
from hndp_core.motion.config import DmpConfig
from hndp_core.motion.head import TrajectoryHead
from hndp_core.motion.output_scaling import Scaling, centre_and_scale

# Share of the weight responses' largest squared singular value. 30 functions alone have condition 1e9: a
# smaller share fits the planar digits better, yet gives weights that grow without bound and cannot be
# learned. Chosen by the loss on train digits.
_RIDGE = 1e-4
_LEAST_SCALE = 1e-4


class FittedDmpHead(TrajectoryHead):
    """Weights and goal that are learned from each demonstration's own fit (Pahic et al. 2018): the loss is
    the distance of parameters, and knows nothing of the trajectory.

    Args:
        config: the primitive
        scaling: how `calibrate` centres and scales by the demonstrations' fits; "none": outputs are the
            parameters themselves
    """

    kind = "fitted_dmp"
    centre: Tensor
    scale: Tensor

    def __init__(self, config: DmpConfig, *, scaling: Scaling) -> None:
        super().__init__()
        self.config = config
        self.dof, self.rollout_length = config.dof, config.rollout_length
        self.outputs = config.dof * (config.basis + 1)
        self.scaling: Scaling = scaling
        self.conditioned = scaling != "none"
        self.register_buffer("centre", torch.zeros(config.dof, config.basis + 1, dtype=torch.float64))
        self.register_buffer("scale", torch.ones(config.dof, config.basis + 1, dtype=torch.float64))

    def description(self) -> dict[str, object]:
        return {"kind": self.kind, "config": asdict(self.config), "scaling": self.scaling}

    def fit(
        self, starts: Float[np.ndarray, "demo dof"], trajectories: Float[np.ndarray, "demo time dof"]
    ) -> Float[np.ndarray, "demo dof parameter"]:
        """Ridge regression: weights, and the demonstration's end as goal [rad]."""
        closed_form = ClosedForm.of(self.config)
        moved = np.swapaxes(trajectories - starts[:, None], 1, 2)
        span = moved[..., -1:]
        responses = closed_form.weight_response
        gram = responses.T @ responses
        ridge = _RIDGE * np.linalg.eigvalsh(gram)[-1] * np.eye(len(gram))
        projected = (moved - span * closed_form.span_response) @ responses
        weights = np.linalg.solve(gram + ridge, projected.reshape(-1, len(gram)).T).T
        return np.concatenate([weights.reshape(projected.shape), span + starts[..., None]], axis=-1)

    def calibrate(
        self, starts: Float[np.ndarray, "demo dof"], trajectories: Float[np.ndarray, "demo time dof"]
    ) -> None:
        """Centre and scale of each parameter."""
        centre, scale = centre_and_scale(self.fit(starts, trajectories), self.scaling, _LEAST_SCALE)
        self.centre.copy_(torch.from_numpy(centre))
        self.scale.copy_(torch.from_numpy(scale))

    def targets(
        self, starts: Float[np.ndarray, "demo dof"], trajectories: Float[np.ndarray, "demo time dof"]
    ) -> Float[Tensor, "demo dof parameter"]:
        """Each demonstration's parameters, on the scale of the outputs."""
        fitted = torch.from_numpy(self.fit(starts, trajectories))
        return ((fitted - self.centre.cpu()) / self.scale.cpu()).float()

    def residuals(
        self,
        outputs: Float[Tensor, "*batch outputs"],
        starts: Float[Tensor, "*batch dof"],
        targets: Float[Tensor, "*batch dof parameter"],
    ) -> Float[Tensor, "*batch dof parameter"]:
        """Distance of each parameter, on the scale of the outputs; zero if and only if they are equal."""
        return outputs.unflatten(-1, tuple(self.centre.shape)) - targets

    def trajectory(
        self,
        outputs: Float[Tensor, "*batch outputs"],
        start: Float[Tensor, "*batch dof"],
        start_velocity: Float[Tensor, "*batch dof"] | None = None,
    ) -> Float[Tensor, "*batch time dof"]:
        """Joint angles [rad]."""
        # Large weights that nearly cancel lose half of float32's digits.
        values = self.centre + self.scale * outputs.double().unflatten(-1, tuple(self.centre.shape))
        moving = torch.zeros_like(start) if start_velocity is None else start_velocity
        found = closed_form_rollout(
            self.config, values[..., :-1], values[..., -1], start.double(), moving.double()
        )
        return found.to(outputs.dtype)
