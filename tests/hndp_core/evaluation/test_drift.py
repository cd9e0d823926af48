import numpy as np
import pytest

from hndp_core.errors import ShapeMismatch
from hndp_core.evaluation.drift import drift


def test_without_a_trend_it_is_seldom_found():
    generator = np.random.default_rng(4)
    policies = np.tile([0, 1], 20)
    rates = np.where(policies == 0, 0.9, 0.3)  # the policies differ, and that is no trend
    outcomes = generator.random((300, 40)) < rates
    found = [drift(each, policies, seed=seed, permutations=200) for seed, each in enumerate(outcomes)]
    assert np.mean([each is not None and each.p <= 0.05 for each in found]) <= 0.09


def test_a_trend_within_policies_is_found_with_its_size():
    policies = np.tile([0, 1], 40)
    falling = np.random.default_rng(6).random(80) < np.linspace(0.95, 0.25, 80)
    result = drift(falling, policies, seed=0)
    assert result is not None
    assert result.p < 0.01
    assert result.change == pytest.approx(-0.7, abs=0.25)
    assert result == drift(falling, policies, seed=0)


def test_policies_that_were_run_one_after_the_other_make_no_trend():
    policies = np.repeat([0, 1], 20)
    mostly = np.tile([True, True, True, False], 5)
    result = drift(np.concatenate([mostly, ~mostly]), policies, seed=0)
    assert result is not None
    assert result.p > 0.2


def test_nothing_to_shuffle():
    assert drift(np.ones(6, dtype=bool), np.zeros(6, dtype=np.int64), seed=0) is None
    assert drift(np.empty(0, dtype=bool), np.empty(0, dtype=np.int64), seed=0) is None
    with pytest.raises(ShapeMismatch):
        drift(np.ones(3, dtype=bool), np.zeros(2, dtype=np.int64), seed=0)
