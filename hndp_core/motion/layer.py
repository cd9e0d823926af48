"""The dynamic movement primitive as a differentiable layer."""

from copy import deepcopy
from dataclasses import asdict, dataclass
from typing import NamedTuple

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from hndp_core.errors import ShapeMismatch
from hndp_core.motion.closed_form import ClosedForm
from hndp_core.motion.config import DmpConfig
from hndp_core.motion.fit import fit_dmp
from hndp_core.motion.fused_motion import FusedMotion, is_worth_fusing
from hndp_core.motion.head import TrajectoryHead
from hndp_core.motion.orthonormal_basis import OrthonormalBasis
from hndp_core.motion.robust_scale import median_and_spread

# Keeps the scale of what all demonstrations share from vanishing: a tenth of a milliradian.
_LEAST_SCALE = 1e-4


@dataclass(frozen=True, eq=False)
class DmpParameters:
    """What the papers call the output of the network: weights w and goal g [rad]."""

    weights: Float[Tensor, "*batch dof basis"]
    goal: Float[Tensor, "*batch dof"]


class _Constants(NamedTuple):
    """What a trajectory is made of, in the precision of the outputs."""

    responses: Float[Tensor, "inputs time"]
    """To each mode, the goal and the start."""
    centre: Float[Tensor, "dof per_joint"]
    scale: Float[Tensor, "dof per_joint"]


class DmpLayer(TrajectoryHead):
    """Network outputs -> primitive parameters -> trajectory, F(phi(s)) of H-NDP Sec. III-A, as one matrix
    product.

    Per joint the network gives one number per orthonormal mode of the forcing and one for the goal, on the
    scale of the demonstrations that `calibrate` saw. Constants are kept in float64 and cast to the dtype of
    the outputs. The modes are part of the state: another machine's linear algebra may order or sign them
    otherwise.
    """

    kind = "dmp"
    modes: Tensor
    mode_weights: Tensor
    attraction: Tensor
    """What a joint's goal and its start add to the motion: one row each, together 1 at every step."""
    velocity_response: Tensor
    centre: Tensor
    scale: Tensor

    def __init__(self, config: DmpConfig) -> None:
        super().__init__()
        basis, closed_form = OrthonormalBasis.of(config), ClosedForm.of(config)
        self.config = config
        self.dof = config.dof
        self.rollout_length = config.rollout_length
        per_joint = basis.modes.shape[1] + 1
        self.outputs = config.dof * per_joint
        self._constants: dict[tuple[torch.dtype, torch.device], _Constants] = {}
        self.register_load_state_dict_post_hook(self._forget_constants)
        self.register_buffer("modes", torch.tensor(basis.modes.T.copy()))
        self.register_buffer("mode_weights", torch.tensor(basis.mode_weights.T.copy()))
        to_goal = torch.tensor(closed_form.span_response)
        self.register_buffer("attraction", torch.stack([to_goal, 1.0 - to_goal]), persistent=False)
        self.register_buffer(
            "velocity_response", torch.tensor(closed_form.velocity_response), persistent=False
        )
        self.register_buffer("centre", torch.zeros(config.dof, per_joint, dtype=torch.float64))
        self.register_buffer("scale", torch.ones(config.dof, per_joint, dtype=torch.float64))

    def description(self) -> dict[str, object]:
        return {"kind": self.kind, "config": asdict(self.config)}

    def calibrate(
        self, starts: Float[np.ndarray, "demo dof"], trajectories: Float[np.ndarray, "demo time dof"]
    ) -> None:
        """Centre and scale each output by median and robust deviation of the demonstrations' fitted
        parameters.

        Raises:
            ShapeMismatch, InvalidSetting: see `fit_dmp`; also for no demonstration at all.
        """
        if not len(trajectories):
            raise ShapeMismatch("demonstrations", trajectories.shape, "at least one demonstration")
        fit = fit_dmp(self.config, starts, trajectories)
        fitted = np.concatenate([fit.coefficients, fit.goal[..., None]], axis=-1)
        centre, scale = median_and_spread(fitted, least=_LEAST_SCALE)
        self.centre.copy_(torch.from_numpy(centre))
        self.scale.copy_(torch.from_numpy(scale))
        self._forget_constants()

    def along(self, directions: Float[Tensor, "time direction"]) -> "DmpLayer":
        """A layer whose trajectories are this one's in other coordinates: their products with directions.

        The start is added as it is to every coordinate.
        """
        projected = deepcopy(self)
        to_goal = self.attraction[0] @ directions
        projected.modes = self.modes @ directions
        projected.attraction = torch.stack([to_goal, 1.0 - to_goal])
        projected.velocity_response = self.velocity_response @ directions
        projected._forget_constants()
        return projected

    def trajectory(
        self,
        outputs: Float[Tensor, "*batch outputs"],
        start: Float[Tensor, "*batch dof"],
        start_velocity: Float[Tensor, "*batch dof"] | None = None,
    ) -> Float[Tensor, "*batch time dof"]:
        """Joint angles [rad]; gradients flow to outputs, start and start_velocity (NDP Sec. 3.2)."""
        self._check(outputs)
        constants = self._constants_like(outputs)
        # Goal and start enter the product as they are: the span (goal - start) would cost further passes.
        if self.config.forcing == "unscaled" and is_worth_fusing(outputs):
            positions = FusedMotion.apply(outputs, start, *constants)
        else:
            inputs = [self._rescaled(outputs, constants), start[..., None]]
            if self.config.forcing == "goal_scaled":
                coefficients, goal = inputs[0].split([self.modes.shape[0], 1], dim=-1)
                inputs = [coefficients * (goal - start[..., None]), goal, start[..., None]]
            positions = torch.cat(inputs, dim=-1) @ constants.responses
        if start_velocity is not None:
            positions = positions + start_velocity[..., None] * self.velocity_response.to(outputs.dtype)
        return positions.transpose(-1, -2)

    def parameters_of(self, outputs: Float[Tensor, "*batch outputs"]) -> DmpParameters:
        """The weights and goal that the outputs stand for, to compare with other implementations."""
        self._check(outputs)
        values = self._rescaled(outputs, self._constants_like(outputs))
        return DmpParameters(values[..., :-1] @ self.mode_weights.to(outputs.dtype), values[..., -1])

    def _rescaled(
        self, outputs: Float[Tensor, "*batch outputs"], constants: _Constants
    ) -> Float[Tensor, "*batch dof per_joint"]:
        values = outputs.unflatten(-1, constants.centre.shape)
        return torch.addcmul(constants.centre, constants.scale, values)

    def _check(self, outputs: Tensor) -> None:
        if outputs.shape[-1] != self.outputs:
            raise ShapeMismatch("network output", tuple(outputs.shape), f"(..., {self.outputs})")

    def _constants_like(self, outputs: Tensor) -> _Constants:
        """The constants in the precision and place of the outputs, cast once: else a call takes 3 % more."""
        kind = outputs.dtype, outputs.device
        constants = self._constants.get(kind)
        if constants is None:
            # Cast outside of inference mode: a later call may need gradients through a product with them.
            with torch.inference_mode(False):
                joined = torch.cat([self.modes, self.attraction])
                constants = _Constants(
                    *(each.to(outputs.dtype) for each in (joined, self.centre, self.scale))
                )
            self._constants[kind] = constants
        return constants

    def _forget_constants(self, *_: object) -> None:
        self._constants.clear()
