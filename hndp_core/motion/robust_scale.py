"""Centre and spread that one bad sample cannot move far."""

import numpy as np
from jaxtyping import Float

# Makes the median absolute deviation equal the standard deviation of a normal distribution.
_NORMAL_CONSISTENCY = 1.4826


def median_and_spread(
    samples: Float[np.ndarray, "sample ..."], least: float
) -> tuple[Float[np.ndarray, "..."], Float[np.ndarray, "..."]]:
    """Median and scaled median absolute deviation over the first axis, the latter at least `least`.

    Up to half of the samples may be arbitrarily wrong.
    """
    centre = np.median(samples, axis=0)
    spread = _NORMAL_CONSISTENCY * np.median(np.abs(samples - centre), axis=0)
    return centre, np.maximum(spread, least)
