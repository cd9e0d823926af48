"""The same motion at another number of samples."""

from functools import lru_cache

import numpy as np
import torch
from jaxtyping import Float
from scipy.interpolate import CubicSpline
from torch import Tensor

from hndp_core.errors import InvalidSetting


def resample(
    trajectory: Float[Tensor, "*batch time dof"], start: Float[Tensor, "*batch dof"], samples: int
) -> Float[Tensor, "*batch samples dof"]:
    """Read a trajectory at `samples` evenly spaced times, the last of which is its end (NDP Sec. 3.2, 3.5).

    The primitive keeps the dt that it was trained with, and a cubic spline is laid through the start and
    every row. Integrating with another dt instead would move the curve itself: explicit Euler errs by a
    share of order attractor_gain dt, and the weights were learned with that error in place. So where two
    rates share an instant they share the position, and velocity and acceleration stay continuous in between.

    Raises:
        InvalidSetting: fewer than one sample.
    """
    if samples < 1:
        raise InvalidSetting("samples", samples, "ask for at least one sample")
    if samples == trajectory.shape[-2]:
        return trajectory
    knots = torch.cat([start.unsqueeze(-2), trajectory], dim=-2)
    return trajectory.new_tensor(_spline_matrix(knots.shape[-2], samples)) @ knots


@lru_cache(maxsize=16)
def _spline_matrix(knots: int, samples: int) -> Float[np.ndarray, "samples knots"]:
    """Sampling a cubic spline is linear in its knots: the matrix that does it."""
    times = np.arange(1, samples + 1) / samples
    return CubicSpline(np.linspace(0.0, 1.0, knots), np.eye(knots))(times)
