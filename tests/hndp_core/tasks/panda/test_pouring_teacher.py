import numpy as np
import pytest

from hndp_core.tasks import get_task
from hndp_core.tasks.panda.planar_kinematics import tool_pose
from hndp_core.tasks.panda.pouring_objects import CUP_LIP_IN_HAND_M, UPRIGHT_LEAN_RAD, target_of
from hndp_core.tasks.panda.pouring_teacher import PouringMotion, pouring_path

from .planar_paths import check_limits, check_smoothness_over_places

TASK = get_task("pouring@clean")
HOME = np.array(TASK.home_joints)


def _path(x, y):
    return pouring_path(x, y, HOME, TASK.rollout_length, TASK.control_rate_hz, target_of(1.0))


@pytest.mark.parametrize("x", [0.414, 0.5, 0.586])
@pytest.mark.parametrize("y", [-0.206, 0.0, 0.206])
def test_paths_are_well_inside_the_limits_all_over_the_workspace(x, y):
    steps = check_limits(TASK, _path(x, y), margin_rad=0.04)
    assert (steps < 0.025).all()


def test_cup_is_upright_at_home():
    _, _, _, lean = tool_pose(HOME, CUP_LIP_IN_HAND_M)
    assert lean == pytest.approx(UPRIGHT_LEAN_RAD, abs=1e-3)


def test_path_starts_and_ends_at_rest_tipped_before_the_target():
    path, motion = _path(0.5, 0.1), PouringMotion()
    np.testing.assert_allclose(path[0], HOME, atol=1e-4)
    np.testing.assert_allclose(path[-1], path[-5], atol=1e-9)
    bearing, r, _, lean = tool_pose(path[-1], CUP_LIP_IN_HAND_M)
    assert (bearing, r) == pytest.approx((np.arctan2(0.1, 0.5), np.hypot(0.1, 0.5) - motion.short_m))
    assert UPRIGHT_LEAN_RAD - lean == pytest.approx(motion.pour_tilt_rad, abs=1e-3)


def test_joint_paths_are_smooth_functions_of_the_target_position():
    check_smoothness_over_places(TASK, _path)
