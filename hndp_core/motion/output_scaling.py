"""Centre and scale that bring the numbers a network has to put out to the order of one."""

from typing import Literal

import numpy as np
from jaxtyping import Float

from hndp_core.motion.robust_scale import median_and_spread

Scaling = Literal["none", "deviation", "robust"]
"""Leave numbers as they are; mean and standard deviation; median and robust deviation."""


def centre_and_scale(
    samples: Float[np.ndarray, "sample ..."], scaling: Scaling, least: float
) -> tuple[Float[np.ndarray, "..."], Float[np.ndarray, "..."]]:
    """Centre and scale over the first axis; a scale is at least `least`."""
    if scaling == "none":
        return np.zeros(samples.shape[1:]), np.ones(samples.shape[1:])
    if scaling == "deviation":
        return samples.mean(axis=0), np.maximum(samples.std(axis=0), least)
    return median_and_spread(samples, least=least)
