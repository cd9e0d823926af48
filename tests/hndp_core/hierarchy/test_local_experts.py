from dataclasses import replace

import numpy as np
import pytest
import torch

from hndp_core.hierarchy.config import RefinementConfig
from hndp_core.hierarchy.datasets import DemonstrationSet
from hndp_core.hierarchy.gate_targets import GateTargets
from hndp_core.hierarchy.local_experts import train_local_experts, train_one_after_another
from hndp_core.policies.checkpoint import dump_checkpoint

from .synthetic_task import DOF, demonstrations, path

SHOWN = demonstrations()
CONFIG = RefinementConfig(
    local_steps=250,
    local_refinement_steps=250,
    local_refinement_learning_rate=1e-2,
    basis=8,
    threads=1,
)


def targets(gates: list[float], offset: float = 0.1) -> GateTargets:
    """The global policy did the demonstration, off by `offset` [rad], for a slightly shifted observation."""
    return GateTargets(
        gates=np.array(gates),
        states=SHOWN.states + 0.005,
        starts=SHOWN.starts,
        trajectories=SHOWN.trajectories + offset * np.linspace(0, 1, SHOWN.trajectories.shape[1])[:, None],
    )


def errors(policy, wanted: np.ndarray, states: np.ndarray) -> np.ndarray:
    """Root mean square joint error of each region [rad]."""
    found = np.stack([policy.plan(row, states[row], SHOWN.starts[row]) for row in range(len(SHOWN))])
    return np.sqrt(((found - wanted) ** 2).mean(axis=(1, 2)))


def test_without_gates_every_local_policy_does_its_demonstration():
    policy = train_local_experts(CONFIG, SHOWN, None, None, seed=0)
    assert errors(policy, SHOWN.trajectories, SHOWN.states).max() < 0.005


def test_a_shut_gate_leaves_the_pure_fit_to_the_demonstrations():
    pure = train_local_experts(CONFIG, SHOWN, None, None, seed=0)
    shut = train_local_experts(CONFIG, SHOWN, targets([0.0] * 6), None, seed=0)
    other = train_local_experts(CONFIG, SHOWN, targets([0.0] * 6, offset=5.0), None, seed=0)
    assert dump_checkpoint(shut) == dump_checkpoint(other)
    assert errors(shut, SHOWN.trajectories, SHOWN.states) == pytest.approx(
        errors(pure, SHOWN.trajectories, SHOWN.states), abs=1e-3
    )


def test_an_open_gate_pulls_its_region_towards_the_global_trajectory_and_no_other():
    gates = [1.0, 0.0, 0.0, 1.0, 0.0, 0.0]
    given = targets(gates)
    shut = train_local_experts(CONFIG, SHOWN, targets([0.0] * 6), None, seed=0)
    pulled = train_local_experts(CONFIG, SHOWN, given, shut, seed=1)
    before = errors(shut, given.trajectories, given.states)
    after = errors(pulled, given.trajectories, given.states)
    opened = np.array(gates, dtype=bool)
    assert (after[opened] < 0.7 * before[opened]).all()
    assert after[~opened] == pytest.approx(before[~opened], rel=0.05)


def test_a_heavier_gate_pulls_harder():
    given = targets([1.0] * 6)
    light, heavy = (
        train_local_experts(replace(CONFIG, gate_weight=weight), SHOWN, given, None, seed=0)
        for weight in (0.1, 10.0)
    )
    assert (
        errors(heavy, given.trajectories, given.states) < errors(light, given.trajectories, given.states)
    ).all()


def test_all_at_once_equals_one_after_another():
    config = replace(CONFIG, local_steps=60)
    given = targets([1.0, 0.0, 1.0, 0.0, 1.0, 0.0])
    together = train_local_experts(config, SHOWN, given, None, seed=3).state_dict()
    alone = train_one_after_another(config, SHOWN, given, seed=3).state_dict()
    for name, value in together.items():
        torch.testing.assert_close(value.double(), alone[name].double(), rtol=1e-3, atol=1e-4)


def test_the_policies_of_the_iteration_before_are_left_as_they_were():
    config = replace(CONFIG, local_steps=5, local_refinement_steps=5)
    before = train_local_experts(config, SHOWN, None, None, seed=0)
    content = dump_checkpoint(before)
    train_local_experts(config, SHOWN, targets([1.0] * 6), before, seed=1)
    assert dump_checkpoint(before) == content


HEADS = ("hndp", "hndp_raw", "gps", "gps_raw")


@pytest.mark.parametrize("method", HEADS)
def test_every_kind_of_head_learns_locally_and_comes_near_its_demonstrations(method):
    config = replace(CONFIG, method=method, local_steps=5)
    little = errors(train_local_experts(config, SHOWN, None, None, seed=0), SHOWN.trajectories, SHOWN.states)
    config = replace(config, local_steps=400)
    much = errors(train_local_experts(config, SHOWN, None, None, seed=0), SHOWN.trajectories, SHOWN.states)
    assert np.median(much) < 0.2 * np.median(little) or much.max() < 0.005


def test_of_several_demonstrations_a_local_policy_learns_them_all():
    shown = several(5)
    policy = train_local_experts(CONFIG, shown, None, None, seed=0)
    assert policy.regions == 4
    found = np.stack(
        [policy.plan(row // 5, shown.states[row], shown.starts[row]) for row in range(len(shown))]
    )
    assert np.sqrt(((found - shown.trajectories) ** 2).mean(axis=(1, 2))).max() < 0.01


def test_the_same_demonstration_five_times_is_as_good_as_once_and_a_gate_pulls_as_hard():
    once = targets([1.0] * 6)
    fivefold = SHOWN.take(np.repeat(np.arange(len(SHOWN)), 5))
    config = replace(CONFIG, local_steps=60)
    alone = train_local_experts(config, SHOWN, once, None, seed=0)
    together = train_local_experts(config, fivefold, once, None, seed=0)
    places = (SHOWN.trajectories, SHOWN.states)
    assert errors(together, *places) == pytest.approx(errors(alone, *places), rel=0.1, abs=1e-3)


def several(count: int) -> DemonstrationSet:
    """`count` demonstrations in each of four regions, the object a little elsewhere each time."""
    rows = np.repeat(np.arange(4), count)
    shifts = 0.03 * np.random.default_rng(4).standard_normal((len(rows), 2))
    places = SHOWN.states[rows] + shifts
    paths = np.stack([path(place, np.zeros(DOF)) for place in places])
    return replace(SHOWN.take(rows), states=places, trajectories=paths)
