import numpy as np
import pytest
import torch

from hndp_core.errors import InvalidSetting, ShapeMismatch
from hndp_core.motion import DmpConfig, DmpLayer
from hndp_core.policies import StatePolicy

TIME = np.arange(1, 351)[:, None] / 350
REACH = (10 * TIME**3 - 15 * TIME**4 + 6 * TIME**5) * np.linspace(-1, 1, 7)
STATES = np.linspace(0.4, 0.7, 5)[:, None] * [1.0, 0.5]
TRAJECTORIES = np.linspace(0.5, 1.5, 5)[:, None, None] * REACH


@pytest.fixture
def policy() -> StatePolicy:
    policy = StatePolicy(DmpLayer(DmpConfig()), state_size=2, generator=torch.Generator().manual_seed(0))
    policy.calibrate(STATES, np.zeros((5, 7)), TRAJECTORIES)
    return policy


def test_has_one_hidden_layer_of_forty(policy: StatePolicy) -> None:
    assert policy.hidden.weight.shape == (40, 2)
    assert policy.last.weight.shape == (7 * 31, 40)


def test_starts_near_the_typical_demonstration(policy: StatePolicy) -> None:
    np.testing.assert_allclose(policy.plan(STATES[2], np.zeros(7)), TRAJECTORIES[2], atol=0.05)


def test_learns_one_demonstration(policy: StatePolicy) -> None:
    optimizer = torch.optim.Adam(policy.parameters(), lr=1e-2)
    state, target = torch.tensor(STATES[:1]).float(), torch.tensor(TRAJECTORIES[:1]).float()
    for _ in range(80):
        optimizer.zero_grad()
        (policy(state, torch.zeros(1, 7)) - target).square().mean().backward()
        optimizer.step()
    np.testing.assert_allclose(policy.plan(STATES[0], np.zeros(7)), TRAJECTORIES[0], atol=0.01)


def test_plan_starts_at_the_true_joints_at_any_rate(policy: StatePolicy) -> None:
    joints = np.array([0.1, -0.7, 0.0, -2.3, 0.0, 1.5, 0.7])
    plan = policy.plan(STATES[0], joints)
    assert plan.shape == (350, 7)
    assert plan.dtype == np.float64
    np.testing.assert_array_equal(plan[0], joints)
    np.testing.assert_allclose(policy.plan(STATES[0], joints, samples=175), plan[1::2], atol=1e-12)


def test_refuses_other_sizes(policy: StatePolicy) -> None:
    with pytest.raises(ShapeMismatch, match=r"expected \(2, 7\)"):
        policy.plan(np.zeros(3), np.zeros(7))
    with pytest.raises(InvalidSetting, match="state_size"):
        StatePolicy(DmpLayer(DmpConfig()), state_size=0, generator=torch.Generator())
