from dataclasses import replace

import numpy as np
import pytest

from hndp_core.hierarchy.datasets import DemonstrationSet
from hndp_core.hierarchy.demonstration_check import doubtful_demonstrations
from hndp_core.tasks import get_task
from hndp_core.tasks.hand import guide
from hndp_core.tasks.panda.pouring_objects import target_of
from hndp_core.tasks.panda.pouring_teacher import pouring_path
from hndp_core.tasks.panda.scooping_objects import ScoopingObjects
from hndp_core.tasks.panda.scooping_teacher import scooping_path

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


def taught(name: str, layout_seed: int) -> DemonstrationSet:
    """What the scripted teacher shows in the train regions of a task, without simulating it."""
    task = get_task(name)
    home = np.array(task.home_joints)
    steps, rate_hz = task.rollout_length, task.control_rate_hz
    regions = [region for region in task.layout(layout_seed=layout_seed) if region.split == "train"]
    paths, places = [], []
    for region in regions:
        variation = task.variation(1000 * layout_seed + region.index)
        x, y = np.add((region.x_m, region.y_m), variation.object_shift_m)
        if task.name == "scooping":
            path = scooping_path(x, y, home, steps, rate_hz, ScoopingObjects())
        else:
            path = pouring_path(x, y, home, steps, rate_hz, target_of(1.0))
        assert variation.hand_seed is not None
        paths.append(guide(path, home, task.level.hand, variation.hand_seed))
        places.append((x, y))
    return DemonstrationSet(
        regions=np.array([region.index for region in regions]),
        images=np.zeros((len(regions), 2, 2, 3), np.uint8),
        states=np.array(places),
        starts=np.tile(home, (len(regions), 1)),
        trajectories=np.stack(paths),
    )


@pytest.mark.parametrize("layout_seed", range(3))
@pytest.mark.parametrize("name", ["scooping@clean", "scooping@human", "pouring@clean", "pouring@human"])
def test_the_teacher_is_not_doubted_and_a_demonstration_of_the_opposite_corner_is(name, layout_seed):
    good = taught(name, layout_seed)
    assert doubtful_demonstrations(good) == []
    apart = np.linalg.norm(good.states[:, None] - good.states, axis=2)
    corner, opposite = np.unravel_index(apart.argmax(), apart.shape)
    paths = good.trajectories.copy()
    paths[corner] = good.trajectories[opposite]
    (doubt,) = doubtful_demonstrations(replace(good, trajectories=paths))
    assert doubt.region == good.regions[corner]
