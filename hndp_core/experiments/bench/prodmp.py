"""The peer that the layer is timed against: the ProDMP of the mp_pytorch package."""

from collections.abc import Callable

import torch
from jaxtyping import Float
from torch import Tensor

from hndp_core.errors import MissingPackage
from hndp_core.motion import DmpConfig

Trajectory = Callable[[Tensor, Tensor], Tensor]


def prodmp_trajectory(config: DmpConfig, batch: int) -> Trajectory:
    """A function from parameters (batch, dof * (basis + 1)) and starts (batch, dof) to positions (batch,
    time, dof) of motions that begin at rest.

    Times are the same in every call, so they are set once here, which spares the peer the evaluation of its
    basis; a documented call passes them each time and is slower.

    Raises:
        MissingPackage: mp_pytorch, or matplotlib that it needs, is not installed.
    """
    try:
        from mp_pytorch.mp import MPFactory
    except ImportError as error:
        raise MissingPackage("mp_pytorch", "the DMP bench", str(error)) from error
    primitive = MPFactory.init_mp(
        "prodmp",
        {
            "num_basis": config.basis,
            "basis_bandwidth_factor": 2,
            "num_basis_outside": 0,
            "alpha_phase": config.phase_decay,
            "alpha": config.attractor_gain,
            "dt": config.dt,
        },
        num_dof=config.dof,
        tau=1.0,
    )
    primitive.set_params(torch.zeros(batch, primitive.num_params))
    times = torch.arange(1, config.rollout_length + 1) * config.dt
    primitive.set_times(times.expand(batch, -1))
    began, at_rest = torch.zeros(batch), torch.zeros(batch, config.dof)

    def trajectory(
        parameters: Float[Tensor, "batch parameters"], start: Float[Tensor, "batch dof"]
    ) -> Float[Tensor, "batch time dof"]:
        primitive.update_inputs(params=parameters, init_time=began, init_pos=start, init_vel=at_rest)
        return primitive.get_traj_pos()

    return trajectory
