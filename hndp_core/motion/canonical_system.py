"""The clock of a dynamic movement primitive."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float


@dataclass(frozen=True)
class CanonicalSystem:
    """x' = -phase_decay x with x = 1 at the start (H-NDP Sec. II-A, NDP Eq. 2), integrated by explicit
    Euler.
    """

    phase_decay: float

    def step(self, phase: float, dt: float) -> float:
        """The phase one step later."""
        return phase - self.phase_decay * phase * dt

    def phases(self, steps: int, dt: float) -> Float[np.ndarray, " steps"]:
        """The phases after steps 1, 2, ..., `steps`; the initial 1 is not among them."""
        return (1.0 - self.phase_decay * dt) ** np.arange(1, steps + 1, dtype=np.float64)
