"""The motions that the weights can make, as orthonormal modes: the preconditioner of the layer and the
fit.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from jaxtyping import Float

from hndp_core.motion.closed_form import ClosedForm
from hndp_core.motion.config import DmpConfig

# Below this share of the largest singular value a mode is rounding noise of the decomposition.
_NUMERICAL_RANK = 1e-11


@dataclass(frozen=True, eq=False)
class OrthonormalBasis:
    """weight_response = modes inverse(mode_weights), with modes of root mean square 1 that are mutually
    orthogonal.

    A weight of the radial functions moves a joint by well under a milliradian and neighbouring weights do
    nearly the same (condition 1e9 for 30 functions), so a network that outputs weights learns slowly
    whatever its step. In the modes the mean square error of a trajectory is the squared error of the
    coefficients: condition 1. A coefficient of 0.1 moves the joint by 0.1 rad root mean square. Modes come
    smoothest first.
    """

    modes: Float[np.ndarray, "time mode"]
    mode_weights: Float[np.ndarray, "basis mode"]
    """Column j: the weights w that make mode j."""

    @classmethod
    def of(cls, config: DmpConfig) -> "OrthonormalBasis":
        """The modes for `config`, computed on first use."""
        return _orthonormal_basis(config)


@lru_cache(maxsize=64)
def _orthonormal_basis(config: DmpConfig) -> OrthonormalBasis:
    # A force reaches the position two steps later: leaving the first row of zeros out keeps it exactly zero.
    response = ClosedForm.of(config).weight_response[1:]
    left, singular, right = np.linalg.svd(response, full_matrices=False)
    kept = singular > _NUMERICAL_RANK * singular[0]
    left, singular, right = left[:, kept], singular[kept], right[kept]
    # The decomposition leaves the signs open; libraries choose differently.
    largest = np.abs(left).argmax(axis=0)
    signs = np.sign(left[largest, np.arange(left.shape[1])])
    scale = signs * np.sqrt(config.rollout_length)
    modes = np.vstack([np.zeros(left.shape[1]), left * scale])
    mode_weights = right.T / singular * scale
    modes.flags.writeable = mode_weights.flags.writeable = False
    return OrthonormalBasis(modes, mode_weights)
