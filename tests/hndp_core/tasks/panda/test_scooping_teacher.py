import numpy as np
import pytest

from hndp_core.robots import PANDA_LIMITS
from hndp_core.robots.safety import check_trajectory
from hndp_core.tasks import get_task
from hndp_core.tasks.panda.scooping_objects import ScoopingObjects
from hndp_core.tasks.panda.scooping_teacher import scooping_path

TASK = get_task("scooping")
HOME = np.array(TASK.home_joints)


def _path(x, y):
    return scooping_path(x, y, HOME, TASK.rollout_length, TASK.control_rate_hz, ScoopingObjects())


def _cubic(places):
    x, y = (places[:, 0] - 0.6) / 0.15, places[:, 1] / 0.2
    return np.stack([x**i * y**j for i in range(4) for j in range(4 - i)], axis=1)


def _paths(split):
    places = np.array([(r.x_m, r.y_m) for r in TASK.layout() if r.split == split])
    return places, np.stack([_path(x, y) for x, y in places])


@pytest.mark.parametrize("x", [0.444, 0.6, 0.756])
@pytest.mark.parametrize("y", [-0.206, 0.0, 0.206])
def test_paths_are_well_inside_the_limits_all_over_the_workspace(x, y):
    path = _path(x, y)
    check_trajectory(HOME, path, TASK.control_rate_hz, check_jerk=True)
    steps = np.abs(np.diff(np.vstack([HOME, path]), axis=0)).max(axis=0)
    assert (steps[:4] < 0.025).all()
    low, high = PANDA_LIMITS.position_range()
    assert np.minimum(path - low, high - path).min() > 0.04


def test_path_starts_and_ends_at_rest():
    path = _path(0.6, 0.1)
    np.testing.assert_allclose(path[0], HOME, atol=1e-4)
    np.testing.assert_allclose(path[-1], path[-5], atol=1e-9)


def test_joint_paths_are_smooth_functions_of_the_bowl_position():
    """A cubic regression over train regions predicts the held-out paths: no branch is left anywhere."""
    places, paths = _paths("train")
    weights, *_ = np.linalg.lstsq(_cubic(places), paths.reshape(len(paths), -1), rcond=None)
    held_out, expected = _paths("held_out")
    predicted = (_cubic(held_out) @ weights).reshape(expected.shape)
    assert np.sqrt(np.mean((predicted - expected) ** 2)) < 0.002
    assert np.abs(predicted - expected).max() < 0.012
