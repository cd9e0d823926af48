"""The learned force that shapes a motion on its way to the goal."""

from jaxtyping import Float
from torch import Tensor

from hndp_core.motion.config import Forcing


def forcing_term(
    weights: Float[Tensor, "*batch dof basis"],
    activation: Float[Tensor, " basis"],
    phase: float,
    span: Float[Tensor, "*batch dof"],
    forcing: Forcing,
) -> Float[Tensor, "*batch dof"]:
    """sum(psi w) / sum(psi) x (goal - start), H-NDP Eq. 2; without the last factor when `forcing` is
    "unscaled".

    Args:
        weights: of the radial functions.
        activation: normalised radial functions at this phase.
        phase: of the canonical system; gates the force, so that it fades.
        span: goal - start [rad].
        forcing: which of the two forms.
    """
    force = (weights @ activation) * phase
    return force * span if forcing == "goal_scaled" else force
