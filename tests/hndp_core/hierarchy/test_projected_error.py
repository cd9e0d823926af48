import pytest
import torch

from hndp_core.hierarchy.projected_error import ProjectedError
from hndp_core.motion import DmpConfig, DmpLayer


@pytest.mark.parametrize("forcing", ["unscaled", "goal_scaled"])
def test_it_is_the_error_of_the_whole_trajectory_and_so_is_its_gradient(forcing):
    head = DmpLayer(DmpConfig(dof=3, basis=10, rollout_length=60, forcing=forcing))
    generator = torch.Generator().manual_seed(0)
    wanted = torch.randn(4, 2, 60, 3, generator=generator, dtype=torch.float64).cumsum(-2) / 10
    starts = torch.randn(4, 2, 3, generator=generator, dtype=torch.float64)
    outputs = torch.randn(4, 2, head.outputs, generator=generator, dtype=torch.float64, requires_grad=True)
    head.calibrate(starts[:, 0].numpy(), wanted[:, 0].numpy())
    whole = head.error(outputs, starts, wanted)
    projected = ProjectedError(head, starts, wanted)(outputs)
    torch.testing.assert_close(projected, whole, rtol=1e-9, atol=1e-12)
    expected, found = (torch.autograd.grad(error.sum(), outputs)[0] for error in (whole, projected))
    torch.testing.assert_close(found, expected, rtol=1e-7, atol=1e-12)
