import numpy as np
import pytest

from hndp_core.tasks import get_task
from hndp_core.tasks.panda.scooping_objects import ScoopingObjects
from hndp_core.tasks.panda.scooping_teacher import scooping_path

from .planar_paths import check_limits, check_smoothness_over_places

TASK = get_task("scooping@clean")
HOME = np.array(TASK.home_joints)


def _path(x, y):
    return scooping_path(x, y, HOME, TASK.rollout_length, TASK.control_rate_hz, ScoopingObjects())


@pytest.mark.parametrize("x", [0.444, 0.6, 0.756])
@pytest.mark.parametrize("y", [-0.206, 0.0, 0.206])
def test_paths_are_well_inside_the_limits_all_over_the_workspace(x, y):
    steps = check_limits(TASK, _path(x, y), margin_rad=0.04)
    assert (steps[:4] < 0.025).all()


def test_path_starts_and_ends_at_rest():
    path = _path(0.6, 0.1)
    np.testing.assert_allclose(path[0], HOME, atol=1e-4)
    np.testing.assert_allclose(path[-1], path[-5], atol=1e-9)


def test_joint_paths_are_smooth_functions_of_the_bowl_position():
    check_smoothness_over_places(TASK, _path)
