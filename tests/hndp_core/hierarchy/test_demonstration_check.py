from dataclasses import replace

import numpy as np
import pytest

from hndp_core.hierarchy.demonstration_check import doubtful_demonstrations

from .synthetic_task import demonstrations


@pytest.mark.parametrize("seed", range(5))
def test_good_demonstrations_are_not_doubted(seed):
    assert doubtful_demonstrations(demonstrations(18, seed)) == []


@pytest.mark.parametrize("seed", range(5))
def test_a_flipped_demonstration_is_found_and_named(seed):
    good = demonstrations(18, seed)
    paths = good.trajectories.copy()
    paths[7, 10:, 1] += 2.0
    (doubt,) = doubtful_demonstrations(replace(good, trajectories=paths))
    assert (doubt.region, doubt.joint) == (8, 2)
    assert doubt.time_step >= 10
    assert "region 8" in str(doubt)
    assert "Record it again" in str(doubt)


def test_two_flipped_demonstrations_do_not_hide_each_other():
    good = demonstrations(18)
    paths = good.trajectories.copy()
    paths[[3, 11]] *= -1.5
    assert {doubt.region for doubt in doubtful_demonstrations(replace(good, trajectories=paths))} == {4, 12}


def test_too_few_demonstrations_are_not_judged():
    few = demonstrations(4)
    wild = replace(few, trajectories=few.trajectories * np.arange(4)[:, None, None])
    assert doubtful_demonstrations(wild) == []


@pytest.mark.parametrize("seed", range(5))
def test_being_ahead_or_behind_is_not_doubted(seed):
    good = demonstrations(18, seed)
    paths = good.trajectories.copy()
    steps = paths.shape[1]
    late = np.clip(np.arange(steps) - steps // 10, 0, None)
    paths[7] = paths[7][late]
    assert doubtful_demonstrations(replace(good, trajectories=paths)) == []
