import torch

from hndp_core.motion.forcing_term import forcing_term

WEIGHTS = torch.tensor([[1.0, 2.0], [3.0, -1.0]])
ACTIVATION = torch.tensor([0.25, 0.75])
SPAN = torch.tensor([2.0, 0.0])


def test_unscaled_force_is_the_phase_times_the_weighted_mean() -> None:
    force = forcing_term(WEIGHTS, ACTIVATION, 0.5, SPAN, "unscaled")
    torch.testing.assert_close(force, torch.tensor([0.875, 0.0]))


def test_goal_scaled_force_grows_with_the_span() -> None:
    force = forcing_term(WEIGHTS + 1, ACTIVATION, 0.5, SPAN, "goal_scaled")
    torch.testing.assert_close(force, torch.tensor([2.75, 0.0]))
