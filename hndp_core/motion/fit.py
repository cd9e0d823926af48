"""Least squares: from demonstrations to the parameters of the primitive that reproduces them."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from hndp_core.errors import InvalidSetting, ShapeMismatch
from hndp_core.motion.closed_form import ClosedForm
from hndp_core.motion.config import DmpConfig
from hndp_core.motion.orthonormal_basis import OrthonormalBasis

# A goal moved by 1 rad off the demonstration's end costs as much as an error of 0.03 rad root mean square:
# with many radial functions the goal adds nothing that the weights cannot do, and without a price it would
# drift anywhere.
_GOAL_RIDGE = 1e-3
# Goal-scaled forcing dies where the goal meets the start, so a joint that hardly moves gets its goal this
# far away [rad].
_LEAST_GOAL_SPAN = 0.1


@dataclass(frozen=True, eq=False)
class DmpFit:
    """Parameters that reproduce demonstrations, one set per demonstration and joint."""

    coefficients: Float[np.ndarray, "demo dof mode"]
    """Of the modes of `OrthonormalBasis`: rad root mean square, or without unit when forcing is
    goal-scaled.
    """
    weights: Float[np.ndarray, "demo dof basis"]
    """The same motion as weights of the radial functions."""
    goal: Float[np.ndarray, "demo dof"]
    """[rad]."""
    error_rad: Float[np.ndarray, "demo dof"]
    """Root mean square distance between the demonstration and the primitive."""
    paths: Float[np.ndarray, "demo time dof"]
    """What the primitive makes of the demonstrations [rad]."""


def fit_dmp(
    config: DmpConfig,
    starts: Float[np.ndarray, "demo dof"],
    trajectories: Float[np.ndarray, "demo time dof"],
) -> DmpFit:
    """Fit weights and goal to each joint of each demonstration, which start at rest.

    Args:
        starts: joint angles before the first row [rad].
        trajectories: `config.rollout_length` rows [rad].

    Raises:
        ShapeMismatch: length or joints differ from `config`.
        InvalidSetting: an angle is not finite.
    """
    expected = (len(trajectories), config.rollout_length, config.dof)
    if trajectories.shape != expected or starts.shape != (len(trajectories), config.dof):
        raise ShapeMismatch(
            "demonstrations", trajectories.shape, f"{expected} with starts {(len(trajectories), config.dof)}"
        )
    if not (np.isfinite(trajectories).all() and np.isfinite(starts).all()):
        raise InvalidSetting(
            "trajectories", "not finite", "remove the demonstrations with missing joint angles"
        )
    modes, span_response = OrthonormalBasis.of(config).modes, ClosedForm.of(config).span_response
    moved = np.swapaxes(trajectories - starts[:, None], 1, 2)
    span = _fit_span(config, moved, modes, span_response)
    residual = moved - span[..., None] * span_response
    coefficients = residual @ modes / config.rollout_length
    missed = residual - coefficients @ modes.T
    error = np.sqrt(np.mean(missed**2, axis=-1))
    paths = trajectories - np.swapaxes(missed, 1, 2)
    if config.forcing == "goal_scaled":
        coefficients = coefficients / span[..., None]
    weights = coefficients @ OrthonormalBasis.of(config).mode_weights.T
    return DmpFit(coefficients, weights, starts + span, error, paths)


def _fit_span(
    config: DmpConfig,
    moved: Float[np.ndarray, "demo dof time"],
    modes: Float[np.ndarray, "time mode"],
    span_response: Float[np.ndarray, " time"],
) -> Float[np.ndarray, "demo dof"]:
    """goal - start: ridge regression around the demonstration's end, on what the modes cannot express."""
    end = moved[..., -1]
    beyond_modes = span_response - modes @ (span_response @ modes) / config.rollout_length
    unexplained = moved - end[..., None] * span_response
    power = np.mean(beyond_modes**2)
    span = end + (unexplained @ beyond_modes) / config.rollout_length / (power + _GOAL_RIDGE)
    if config.forcing == "unscaled":
        return span
    # Joints that hardly move go the way of the typical demonstration: their coefficients then keep one sign.
    typical = np.where(np.median(span, axis=0) < 0, -1.0, 1.0)
    return np.where(np.abs(span) < _LEAST_GOAL_SPAN, typical * _LEAST_GOAL_SPAN, span)
