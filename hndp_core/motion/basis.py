"""Radial functions of the phase that shape a motion."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from hndp_core.motion.config import DmpConfig


@dataclass(frozen=True, eq=False)
class GaussianBasis:
    """psi_i(x) = exp(-h_i (x - c_i)^2) (H-NDP Eq. 2)."""

    centres: Float[np.ndarray, " basis"]
    widths: Float[np.ndarray, " basis"]

    @classmethod
    def from_config(cls, config: DmpConfig) -> "GaussianBasis":
        """Centres evenly spaced in time, widths by `config.basis_layout`."""
        count = config.basis
        if config.basis_layout == "paper":
            centres = np.exp(-config.phase_decay * np.arange(1, count + 1) / count)
            return cls(centres, count / centres)
        centres = np.exp(-config.phase_decay * np.linspace(0.0, 1.0, count))
        return cls(centres, count**1.5 / centres)

    def normalised(self, phases: Float[np.ndarray, "*steps"]) -> Float[np.ndarray, "*steps basis"]:
        """psi_i / sum_j psi_j at each phase.

        Evaluated as a softmax: far from all centres every psi underflows to zero, their ratios do not.
        """
        exponents = -self.widths * (phases[..., None] - self.centres) ** 2
        values = np.exp(exponents - exponents.max(axis=-1, keepdims=True))
        return values / values.sum(axis=-1, keepdims=True)
