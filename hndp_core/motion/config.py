"""Settings of a dynamic movement primitive."""

import math
from dataclasses import dataclass
from typing import Literal, get_args

from hndp_core.errors import InvalidSetting

Forcing = Literal["unscaled", "goal_scaled"]
BasisLayout = Literal["code", "paper"]


@dataclass(frozen=True)
class DmpConfig:
    """A dynamic movement primitive over one rollout; its own time runs from 0 to 1, so dt = 1 /
    rollout_length.

    Where the papers and their authors' code disagree, the code is the default and the papers a named option.

    Raises:
        InvalidSetting: a value is out of range; the message says what to choose instead.
    """

    dof: int = 7
    """Joints (or other coordinates) that move."""
    basis: int = 30
    """Radial functions per joint (the papers' N)."""
    rollout_length: int = 350
    """Robot steps that one policy output covers (k, H-NDP Sec. IV-A)."""
    attractor_gain: float = 25.0
    """Alpha of H-NDP Eq. 1; beta = alpha / 4, critically damped."""
    phase_decay: float = 1.0
    """Decay of the canonical system (the papers' alpha_x)."""
    forcing: Forcing = "unscaled"
    """"goal_scaled" multiplies the forcing by (goal - start) as in H-NDP Eq. 2, and with it vanishes for a
    joint whose goal lies at its start; "unscaled" leaves the factor out, so such a joint can still move."""
    basis_layout: BasisLayout = "code"
    """Centres and widths: "code" c = exp(-phase_decay linspace(0, 1, N)), h = N^1.5 / c;
    "paper" c_i = exp(-i phase_decay / N), h = N / c (NDP Sec. 2)."""
    forcing_inside_gain: bool = False
    """True multiplies the forcing by the attractor gain, as NDP Eq. 4 prints it; NDP Eq. 1 has it outside."""

    def __post_init__(self) -> None:
        for field, least in (("dof", 1), ("basis", 1), ("rollout_length", 3)):
            if getattr(self, field) < least:
                raise InvalidSetting(field, getattr(self, field), f"use at least {least}")
        for field in ("attractor_gain", "phase_decay"):
            value = getattr(self, field)
            if not (math.isfinite(value) and value > 0):
                raise InvalidSetting(field, value, "use a finite number above zero")
        for field, choices in (("forcing", get_args(Forcing)), ("basis_layout", get_args(BasisLayout))):
            if getattr(self, field) not in choices:
                raise InvalidSetting(field, getattr(self, field), f"choose one of {', '.join(choices)}")
        if self.basis > self.rollout_length - 2:
            # Explicit Euler passes a force on to the position two steps later.
            raise InvalidSetting(
                "basis", self.basis, f"use at most rollout_length - 2 = {self.rollout_length - 2} functions"
            )
        self._check_stability()

    def _check_stability(self) -> None:
        """The double pole of the critically damped system is 1 - attractor_gain dt / 2: stable within (-1,
        1).
        """
        if self.attractor_gain * self.dt >= 4:
            raise InvalidSetting(
                "attractor_gain",
                self.attractor_gain,
                f"explicit Euler diverges when attractor_gain / rollout_length reaches 4: use a gain below "
                f"{4 * self.rollout_length} or a longer rollout_length",
            )
        if self.phase_decay * self.dt >= 1:
            raise InvalidSetting(
                "phase_decay",
                self.phase_decay,
                f"the phase would reach zero in one step: use a decay below {self.rollout_length} "
                "or a longer rollout_length",
            )

    @property
    def dt(self) -> float:
        """Integration step in the primitive's own time."""
        return 1.0 / self.rollout_length

    @property
    def forcing_gain(self) -> float:
        """What the forcing is multiplied with before it adds to the acceleration."""
        return self.attractor_gain if self.forcing_inside_gain else 1.0
