"""The slow way home that every arm takes."""

from typing import Final

import numpy as np
from jaxtyping import Float64

from hndp_core.robots.limits import PANDA_LIMITS, JointLimits

_SPEED: Final = 0.4  # part of the velocity limits that is used
_LEAST_DURATION_S: Final = 1.0
_MINIMUM_JERK_PEAK: Final = 1.875  # greatest speed of a minimum-jerk move, as a multiple of its mean


def way_home(
    start: Float64[np.ndarray, " dof"],
    home: Float64[np.ndarray, " dof"],
    rate_hz: float,
    limits: JointLimits = PANDA_LIMITS,
    *,
    pace: float = 1.0,
) -> Float64[np.ndarray, "steps dof"]:
    """Return commands of a minimum-jerk move, well below the velocity limits.

    Args:
        start: where the arm stands [rad].
        home: where it shall stand [rad].
        rate_hz: commands a second.
        limits: of the arm.
        pace: part of the usual homing speed, in (0, 1].
    """
    way = home - start
    greatest_speed = _SPEED * np.array(limits.velocity)
    duration_s = max(_LEAST_DURATION_S, float(np.max(_MINIMUM_JERK_PEAK * np.abs(way) / greatest_speed)))
    steps = int(np.ceil(duration_s / pace * rate_hz))
    s = np.arange(1, steps + 1) / steps
    progress = s**3 * (10 - 15 * s + 6 * s**2)
    return start + progress[:, None] * way
