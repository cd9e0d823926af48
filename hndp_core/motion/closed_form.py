"""The Euler recursion solved once: a trajectory is one matrix product instead of hundreds of steps. Free of
torch, so that a motion can be fitted where no network runs.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from jaxtyping import Float

from hndp_core.motion.basis import GaussianBasis
from hndp_core.motion.canonical_system import CanonicalSystem
from hndp_core.motion.config import DmpConfig


@dataclass(frozen=True, eq=False)
class ClosedForm:
    """Constant float64 responses of the Euler recursion, which is linear in velocity, span and forcing.

    With span = goal - start, the positions are
        start + start_velocity velocity_response + span span_response + s weight_response w,
    where s is the span for goal-scaled forcing and 1 for unscaled forcing. Equal to `euler_rollout` to
    rounding.

    The matrices are shared and read-only; they are numpy arrays so that none is ever tied to a torch mode.
    """

    config: DmpConfig
    velocity_response: Float[np.ndarray, " time"]
    span_response: Float[np.ndarray, " time"]
    weight_response: Float[np.ndarray, "time basis"]

    @classmethod
    def of(cls, config: DmpConfig) -> "ClosedForm":
        """The responses for `config`, computed on first use."""
        return _closed_form(config)


@lru_cache(maxsize=64)
def _closed_form(config: DmpConfig) -> ClosedForm:
    dt, gain, steps = config.dt, config.attractor_gain, config.rollout_length
    phases = CanonicalSystem(config.phase_decay).phases(steps, dt)
    force = config.forcing_gain * phases[:, None] * GaussianBasis.from_config(config).normalised(phases)
    # One column per independent input of the recursion: start velocity, span, and each weight.
    drive = np.hstack([np.zeros((steps, 1)), np.full((steps, 1), gain**2 / 4), force])
    position = np.zeros(drive.shape[1])
    velocity = np.zeros(drive.shape[1])
    velocity[0] = 1.0
    responses = np.empty_like(drive)
    for step in range(steps):
        acceleration = drive[step] - gain * (gain / 4 * position + velocity)
        position = position + velocity * dt
        velocity = velocity + acceleration * dt
        responses[step] = position
    responses.flags.writeable = False
    return ClosedForm(config, responses[:, 0], responses[:, 1], responses[:, 2:])
