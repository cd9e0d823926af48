"""What the compared networks' outputs stand for, beside the project's own `DmpLayer`."""

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from hndp_core.motion import ClosedForm, DmpConfig
from hndp_core.motion.head import TrajectoryHead

AUTHORS_OUTPUT_FACTOR = 1000.0
AUTHORS_START_VELOCITY = 0.01
# Share of the weight responses' largest squared singular value. 30 functions alone have condition 1e9: a
# smaller share fits the digits better, yet gives weights that grow without bound and cannot be learned.
# Chosen by the loss on train digits.
_RIDGE = 1e-4
_LEAST_SCALE = 1e-4


class PointsHead(TrajectoryHead):
    """One output for each coordinate of each point, as displacement from the start.

    Args:
        calibrated: whether `calibrate` centres and scales by the demonstrations; otherwise outputs are px.
    """

    kind = "points"
    centre: Tensor
    scale: Tensor

    def __init__(self, dof: int, rollout_length: int, *, calibrated: bool) -> None:
        super().__init__()
        self.dof, self.rollout_length, self.outputs = dof, rollout_length, dof * rollout_length
        self._calibrated = calibrated
        self.register_buffer("centre", torch.zeros(rollout_length, dof))
        self.register_buffer("scale", torch.ones(rollout_length, dof))

    def calibrate(
        self, starts: Float[np.ndarray, "demo dof"], trajectories: Float[np.ndarray, "demo time dof"]
    ) -> None:
        """Mean and deviation of each displacement."""
        if self._calibrated:
            moved = trajectories - starts[:, None]
            self.centre.copy_(torch.from_numpy(moved.mean(axis=0)))
            self.scale.copy_(torch.from_numpy(np.maximum(moved.std(axis=0), _LEAST_SCALE)))

    def trajectory(
        self,
        outputs: Float[Tensor, "*batch outputs"],
        start: Float[Tensor, "*batch dof"],
        start_velocity: Float[Tensor, "*batch dof"] | None = None,
    ) -> Float[Tensor, "*batch time dof"]:
        """Points [px]; they know no start velocity."""
        moved = self.centre + self.scale * outputs.unflatten(-1, (self.rollout_length, self.dof))
        return start.unsqueeze(-2) + moved


class AuthorsHead(TrajectoryHead):
    """Weights and goal as the code of NDP has them: outputs times 1000, forcing scaled by the goal's
    distance, a start velocity of 0.01, and as many outputs again as joints that nothing reads.

    The maths is that of their unrolled integrator in closed form.
    """

    kind = "authors"

    def __init__(self, config: DmpConfig) -> None:
        super().__init__()
        self.config = config
        self.dof, self.rollout_length = config.dof, config.rollout_length
        self.outputs = config.dof * (config.basis + 2)

    def calibrate(
        self, starts: Float[np.ndarray, "demo dof"], trajectories: Float[np.ndarray, "demo time dof"]
    ) -> None:
        """Nothing: the factor is fixed."""

    def parameters_of(self, outputs: Float[Tensor, "batch outputs"]) -> tuple[Tensor, Tensor]:
        """Weights (batch, dof, basis) and goals (batch, dof) [px]."""
        scaled = AUTHORS_OUTPUT_FACTOR * outputs
        goal, weights, _ = scaled.split([self.dof, self.dof * self.config.basis, self.dof], dim=-1)
        return weights.unflatten(-1, (self.dof, self.config.basis)), goal

    def trajectory(
        self,
        outputs: Float[Tensor, "*batch outputs"],
        start: Float[Tensor, "*batch dof"],
        start_velocity: Float[Tensor, "*batch dof"] | None = None,
    ) -> Float[Tensor, "*batch time dof"]:
        """Positions [px]."""
        if start_velocity is None:
            start_velocity = torch.full_like(start, AUTHORS_START_VELOCITY)
        weights, goal = self.parameters_of(outputs)
        return ClosedForm.of(self.config).trajectory(weights, goal, start, start_velocity)


class FittedParametersHead(TrajectoryHead):
    """Weights and goal that are learned from each demonstration's own fit, as CNN-DMP does (Pahic et al.).

    Args:
        calibrated: whether `calibrate` centres and scales by the demonstrations' fits.
    """

    kind = "fitted_parameters"
    centre: Tensor
    scale: Tensor

    def __init__(self, config: DmpConfig, *, calibrated: bool) -> None:
        super().__init__()
        self.config = config
        self.dof, self.rollout_length = config.dof, config.rollout_length
        self.outputs = config.dof * (config.basis + 1)
        self._calibrated = calibrated
        self.register_buffer("centre", torch.zeros(config.dof, config.basis + 1, dtype=torch.float64))
        self.register_buffer("scale", torch.ones(config.dof, config.basis + 1, dtype=torch.float64))

    def fit(
        self, starts: Float[np.ndarray, "demo dof"], trajectories: Float[np.ndarray, "demo time dof"]
    ) -> Float[np.ndarray, "demo dof parameter"]:
        """Ridge regression: weights, and the demonstration's end as goal."""
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
        """Mean and deviation of each parameter."""
        if self._calibrated:
            fitted = self.fit(starts, trajectories)
            self.centre.copy_(torch.from_numpy(fitted.mean(axis=0)))
            self.scale.copy_(torch.from_numpy(np.maximum(fitted.std(axis=0), _LEAST_SCALE)))

    def targets(
        self, starts: Float[np.ndarray, "demo dof"], trajectories: Float[np.ndarray, "demo time dof"]
    ) -> Float[Tensor, "demo outputs"]:
        """The outputs that stand for each demonstration's fit."""
        fitted = torch.from_numpy(self.fit(starts, trajectories))
        return ((fitted - self.centre) / self.scale).flatten(1).float()

    def trajectory(
        self,
        outputs: Float[Tensor, "*batch outputs"],
        start: Float[Tensor, "*batch dof"],
        start_velocity: Float[Tensor, "*batch dof"] | None = None,
    ) -> Float[Tensor, "*batch time dof"]:
        """Positions [px]."""
        # Large weights that nearly cancel lose half of float32's digits.
        values = self.centre + self.scale * outputs.double().unflatten(-1, tuple(self.centre.shape))
        moving = torch.zeros_like(start) if start_velocity is None else start_velocity
        found = ClosedForm.of(self.config).trajectory(
            values[..., :-1], values[..., -1], start.double(), moving.double()
        )
        return found.to(outputs.dtype)
