"""The movement primitive that a run's settings ask for. Loads no torch."""

from hndp_core.hierarchy.config import RefinementConfig
from hndp_core.motion.config import DmpConfig


def primitive_of(config: RefinementConfig, steps: int, dof: int) -> DmpConfig:
    """The primitive of the local and global policies, for demonstrations of so many steps and joints."""
    return DmpConfig(
        dof=dof,
        basis=config.basis,
        rollout_length=steps,
        attractor_gain=config.attractor_gain,
        phase_decay=config.phase_decay,
        forcing=config.forcing,  # type: ignore[arg-type]
    )
