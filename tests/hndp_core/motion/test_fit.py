import numpy as np
import pytest
import torch

from hndp_core.errors import InvalidSetting, ShapeMismatch
from hndp_core.motion import DmpConfig, Forcing, closed_form_rollout, euler_rollout, fit_dmp

STARTS = np.random.default_rng(0).normal(size=(3, 7))


def reaches(spans: np.ndarray) -> np.ndarray:
    """Minimum-jerk reaches with a smooth detour, from STARTS over `spans` (demo, dof)."""
    time = np.arange(1, 351) / 350
    reach = 10 * time**3 - 15 * time**4 + 6 * time**5
    detour = 0.2 * np.sin(np.pi * reach) ** 2
    return STARTS[:, None] + spans[:, None] * reach[:, None] + detour[:, None]


@pytest.mark.parametrize("forcing", ["unscaled", "goal_scaled"])
def test_unrolled_primitive_reproduces_the_demonstration(forcing: Forcing) -> None:
    config = DmpConfig(forcing=forcing)
    demonstrations = reaches(np.random.default_rng(1).normal(size=(3, 7)))
    fit = fit_dmp(config, STARTS, demonstrations)
    assert fit.error_rad.max() < 1e-4
    weights, goal, starts = (torch.tensor(array) for array in (fit.weights, fit.goal, STARTS))
    replayed = euler_rollout(config, weights, goal, starts, torch.zeros_like(starts)).numpy()
    np.testing.assert_allclose(replayed, demonstrations, atol=5e-4)
    np.testing.assert_allclose(replayed, fit.paths, atol=1e-6)


def test_goal_stays_at_the_end_of_the_demonstration() -> None:
    demonstrations = reaches(np.random.default_rng(1).normal(size=(3, 7)))
    fit = fit_dmp(DmpConfig(), STARTS, demonstrations)
    np.testing.assert_allclose(fit.goal, demonstrations[:, -1], atol=1e-3)


def test_few_functions_let_the_goal_help() -> None:
    config = DmpConfig(dof=1, basis=3, rollout_length=100)
    still = torch.zeros(1, 1, dtype=torch.float64)
    goal = torch.tensor([[0.7]], dtype=torch.float64)
    weights = torch.tensor([[[5.0, -3.0, 2.0]]], dtype=torch.float64)
    demonstration = closed_form_rollout(config, weights, goal, still, still).numpy()
    fit = fit_dmp(config, np.zeros((1, 1)), demonstration)
    end_as_goal = demonstration[0, -1, 0]
    assert abs(fit.goal[0, 0] - 0.7) < abs(end_as_goal - 0.7)


def test_goal_scaled_fit_keeps_the_goal_off_the_start_of_a_joint_that_hardly_moves() -> None:
    spans = np.full((3, 7), 0.5)
    spans[:, 2] = [0.0, 1e-4, -1e-4]
    fit = fit_dmp(DmpConfig(forcing="goal_scaled"), STARTS, reaches(spans))
    distance = fit.goal - STARTS
    assert np.abs(distance).min() > 0.099
    assert len(set(np.sign(distance[:, 2]))) == 1
    assert fit.error_rad.max() < 1e-4


def test_refuses_demonstrations_of_another_length_or_with_missing_angles() -> None:
    with pytest.raises(ShapeMismatch, match="demonstrations"):
        fit_dmp(DmpConfig(), STARTS, np.zeros((3, 349, 7)))
    broken = reaches(np.zeros((3, 7)))
    broken[1, 20, 3] = np.nan
    with pytest.raises(InvalidSetting, match="missing joint angles"):
        fit_dmp(DmpConfig(), STARTS, broken)
