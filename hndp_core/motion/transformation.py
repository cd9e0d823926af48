"""The unrolled integrator: the reference that the closed form is held against."""

import torch
from jaxtyping import Float
from torch import Tensor

from hndp_core.motion.basis import GaussianBasis
from hndp_core.motion.canonical_system import CanonicalSystem
from hndp_core.motion.config import DmpConfig
from hndp_core.motion.forcing_term import forcing_term


def euler_rollout(
    config: DmpConfig,
    weights: Float[Tensor, "*batch dof basis"],
    goal: Float[Tensor, "*batch dof"],
    start: Float[Tensor, "*batch dof"],
    start_velocity: Float[Tensor, "*batch dof"],
    steps: int | None = None,
) -> Float[Tensor, "*batch steps dof"]:
    """Integrate y'' = a (b (goal - y) - y') + f step by step with explicit Euler (H-NDP Eq. 1, NDP Eq. 5).

    Each step advances the phase, takes the force at the new phase and the acceleration at the old state,
    then moves the position with the old velocity. Slow; training and inference use `ClosedForm`.

    Args:
        weights: of the radial functions.
        goal, start: [rad].
        start_velocity: [rad per rollout], since the primitive's time runs from 0 to 1.
        steps: how many; default `config.rollout_length`, more goes on with the same dt.

    Returns:
        Positions after steps 1, 2, ...; the start is not a row.
    """
    gain, dt = config.attractor_gain, config.dt
    canonical, basis = CanonicalSystem(config.phase_decay), GaussianBasis.from_config(config)
    count = config.rollout_length if steps is None else steps
    activations = weights.new_tensor(basis.normalised(canonical.phases(count, dt)))
    position, velocity, phase = start, start_velocity, 1.0
    positions = []
    for step in range(count):
        phase = canonical.step(phase, dt)
        force = forcing_term(weights, activations[step], phase, goal - start, config.forcing)
        attraction = gain * (gain / 4 * (goal - position) - velocity)
        position = position + velocity * dt
        velocity = velocity + (attraction + config.forcing_gain * force) * dt
        positions.append(position)
    return torch.stack(positions, dim=-2)
