"""Positions of a primitive by its closed form."""

from jaxtyping import Float
from torch import Tensor

from hndp_core.motion.closed_form import ClosedForm
from hndp_core.motion.config import DmpConfig


def closed_form_rollout(
    config: DmpConfig,
    weights: Float[Tensor, "*batch dof basis"],
    goal: Float[Tensor, "*batch dof"],
    start: Float[Tensor, "*batch dof"],
    start_velocity: Float[Tensor, "*batch dof"],
) -> Float[Tensor, "*batch time dof"]:
    """Positions [rad] after each step, as `euler_rollout` gives them; start_velocity in rad per rollout."""
    responses = ClosedForm.of(config)
    span = (goal - start)[..., None]
    shape = weights @ weights.new_tensor(responses.weight_response.T)
    if config.forcing == "goal_scaled":
        moved = span * (shape + weights.new_tensor(responses.span_response))
    else:
        moved = shape + span * weights.new_tensor(responses.span_response)
    coasted = start_velocity[..., None] * weights.new_tensor(responses.velocity_response)
    return (start[..., None] + coasted + moved).transpose(-1, -2)
