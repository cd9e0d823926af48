import numpy as np
import pytest
import torch

from hndp_core.errors import InvalidSetting, ShapeMismatch
from hndp_core.motion import DmpConfig, DmpLayer
from hndp_core.policies import StackedStatePolicy, StatePolicy

DMP = DmpConfig(rollout_length=60, basis=8, dof=3)
REGIONS, BATCH = 4, 5


def separate(seed: int = 0) -> list[StatePolicy]:
    """Policies built one after another from one generator, with a shared calibration."""
    generator = torch.Generator().manual_seed(seed)
    policies = [StatePolicy(DmpLayer(DMP), state_size=2, generator=generator) for _ in range(REGIONS)]
    for policy in policies:
        policy.calibrate(*calibration())
    return policies


def stacked(seed: int = 0) -> StackedStatePolicy:
    generator = torch.Generator().manual_seed(seed)
    policy = StackedStatePolicy(DmpLayer(DMP), regions=REGIONS, state_size=2, generator=generator)
    policy.calibrate(*calibration())
    return policy


def calibration() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    generator = np.random.default_rng(0)
    time = np.arange(1, 61)[:, None] / 60
    trajectories = (3 * time**2 - 2 * time**3) * generator.normal(size=(REGIONS, 1, 3))
    return generator.normal(size=(REGIONS, 2)), np.zeros((REGIONS, 3)), trajectories


def observations(dtype: torch.dtype) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(1)
    states = torch.randn(REGIONS, BATCH, 2, generator=generator, dtype=torch.float64)
    starts = 0.1 * torch.randn(REGIONS, BATCH, 3, generator=generator, dtype=torch.float64)
    targets = torch.randn(REGIONS, 1, 60, 3, generator=generator, dtype=torch.float64)
    return states.to(dtype), starts.to(dtype), targets.to(dtype)


def test_one_generator_gives_the_weights_of_separate_policies() -> None:
    together = stacked()
    for region, alone in enumerate(separate()):
        for name, value in together.policy(region).state_dict().items():
            assert torch.equal(value, alone.state_dict()[name])


@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float64, 1e-10), (torch.float32, 1e-3)])
def test_trains_every_policy_as_if_it_were_alone(dtype: torch.dtype, tolerance: float) -> None:
    states, starts, targets = observations(dtype)
    together = stacked()
    together.cast_parameters(dtype)
    optimizer = torch.optim.Adam(together.parameters(), lr=1e-2)
    for _ in range(40):
        optimizer.zero_grad()
        (together(states, starts) - targets).square().mean(dim=(1, 2, 3)).sum().backward()
        optimizer.step()
    for region, alone in enumerate(separate()):
        alone.cast_parameters(dtype)
        optimizer = torch.optim.Adam(alone.parameters(), lr=1e-2)
        untrained = alone(states[region], starts[region]).detach()
        for _ in range(40):
            optimizer.zero_grad()
            (alone(states[region], starts[region]) - targets[region]).square().mean().backward()
            optimizer.step()
        trained = alone(states[region], starts[region])
        assert (trained - untrained).abs().max() > 0.05
        found = together(states, starts)[region]
        torch.testing.assert_close(found, trained, rtol=0, atol=tolerance)


def test_one_region_does_not_move_another() -> None:
    states, starts, _ = observations(torch.float32)
    together = stacked()
    together(states, starts)[1].sum().backward()
    for parameter in together.parameters():
        assert parameter.grad is not None
        assert parameter.grad[1].any()
        assert not parameter.grad[[0, 2, 3]].any()


def test_stacking_and_taking_apart_are_inverse() -> None:
    policies = separate()
    together = StackedStatePolicy.stack(policies)
    state, joints = np.array([0.3, -0.2]), np.array([0.1, 0.2, 0.3])
    for region, policy in enumerate(policies):
        expected = policy.plan(state, joints)
        np.testing.assert_allclose(together.plan(region, state, joints), expected, atol=1e-6)
        np.testing.assert_array_equal(together.policy(region).plan(state, joints), expected)


def test_plans_for_one_region_at_any_rate() -> None:
    state, joints = np.array([0.3, -0.2]), np.array([0.1, 0.2, 0.3])
    plan = stacked().plan(2, state, joints)
    assert plan.dtype == np.float64
    np.testing.assert_array_equal(plan[0], joints)
    assert stacked().plan(2, state, joints, samples=33).shape == (33, 3)


def test_refuses_what_it_cannot_stack_or_plan() -> None:
    policies = separate()
    policies[1].calibrate(np.zeros((1, 2)), np.zeros((1, 3)), np.ones((1, 60, 3)))
    with pytest.raises(InvalidSetting, match="one architecture and calibration"):
        StackedStatePolicy.stack(policies)
    with pytest.raises(InvalidSetting, match="at least one"):
        StackedStatePolicy.stack([])
    with pytest.raises(InvalidSetting, match="from 0 to 3"):
        stacked().plan(4, np.zeros(2), np.zeros(3))
    with pytest.raises(ShapeMismatch):
        stacked().plan(0, np.zeros(2), np.zeros(7))
