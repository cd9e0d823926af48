import numpy as np
import pytest

from hndp_core.experiments.table1.motion_facts import local_facts, motion_facts
from hndp_core.hierarchy.datasets import DemonstrationSet, TrialSet

RATE_HZ, STEPS, DOF = 50.0, 350, 7
HOME = np.array([0.0, -np.pi / 4, 0.0, -3 * np.pi / 4, 0.0, np.pi / 2, np.pi / 4])


def blend() -> np.ndarray:
    """Minimum jerk from 0 to 1: (STEPS,)."""
    s = np.arange(1, STEPS + 1) / STEPS
    return s**3 * (10 - 15 * s + 6 * s**2)


def test_trials_that_count_are_checked_against_the_limits():
    gentle = HOME + 0.3 * blend()[:, None]
    hasty = np.tile(HOME + 0.2, (STEPS, 1))
    far = HOME + 4.0 * blend()[:, None]
    trials = TrialSet(
        regions=np.arange(1, 5),
        labels=np.array(["success", "failure", "failure", "invalid"]),
        images=np.zeros((4, 2, 2, 3), np.uint8),
        states=np.zeros((4, 2)),
        starts=np.tile(HOME, (4, 1)),
        trajectories=np.stack([gentle, hasty, far, far]),
    )
    facts = motion_facts(trials, RATE_HZ)
    fits, slowed, hopeless = facts.slow_downs
    assert (fits, hopeless) == (1.0, None)
    assert slowed is not None
    assert slowed > 4
    assert (facts.violating, facts.violating_scaled) == (2, 2)
    assert len(facts.squared_jerk) == 3


def test_each_local_policy_is_held_against_its_own_demonstrations():
    paths = HOME + np.array([0.1, 0.2])[:, None, None] * blend()[:, None]
    shown = DemonstrationSet(
        regions=np.array([3, 8]),
        images=np.zeros((2, 2, 2, 3), np.uint8),
        states=np.zeros((2, 2)),
        starts=np.tile(HOME, (2, 1)),
        trajectories=paths,
    )
    # The plan of row r is its demonstration, off by r mrad.
    facts = local_facts(shown, lambda row, state, start: paths[row] + 1e-3 * row, RATE_HZ)
    assert facts.error_rad == pytest.approx((0.0, 1e-3))
    assert (
        facts.local_jerk[0] == facts.demonstration_jerk[0] < facts.demonstration_jerk[1] < facts.local_jerk[1]
    )
    assert {curve["region"] for curve in facts.curves} == {3, 8}
    assert len(facts.curves[0]["local"]) == STEPS // 5
