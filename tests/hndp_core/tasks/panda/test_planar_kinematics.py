import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hndp_core.robots import PANDA_LIMITS
from hndp_core.tasks.panda import arm_facts
from hndp_core.tasks.panda.arm import add_arm
from hndp_core.tasks.panda.planar_kinematics import PoseOutOfReach, joints_for, tool_pose
from hndp_core.tasks.panda.scooping import ScoopingTask
from hndp_core.tasks.panda.simulator import mujoco

TOOL = (0.03, 0.21)


@pytest.fixture(scope="module")
def arm():
    spec = mujoco.MjSpec()
    spec.compiler.degree = False
    hand = add_arm(spec)
    hand.add_site(name="tool", pos=(TOOL[0], 0.0, TOOL[1]))
    hand.add_site(name="end effector", pos=arm_facts.END_EFFECTOR_OFFSET_M)
    model = spec.compile()
    return model, mujoco.MjData(model)


def _place(arm, joints):
    model, data = arm
    data.qpos[:] = joints
    mujoco.mj_forward(model, data)
    return data


def test_arm_stands_at_home_where_the_real_one_does(arm):
    data = _place(arm, ScoopingTask.home_joints)
    np.testing.assert_allclose(data.site("end effector").xpos, arm_facts.HOME_END_EFFECTOR_M, atol=2e-4)


def test_arm_has_the_limits_of_the_real_one(arm):
    model, _ = arm
    np.testing.assert_allclose(model.jnt_range.T, PANDA_LIMITS.position_range())
    np.testing.assert_allclose(model.actuator_forcerange[:, 1], PANDA_LIMITS.torque_nm)


@given(bearing=st.floats(-1.0, 1.0), r=st.floats(0.4, 0.75), z=st.floats(0.0, 0.3), lean=st.floats(-0.1, 0.5))
def test_simulated_arm_reaches_the_pose_asked_for(arm, bearing, r, z, lean):
    try:
        [joints] = joints_for(np.array([bearing]), np.array([r]), np.array([z]), np.array([lean]), TOOL)
    except PoseOutOfReach:
        return
    site = _place(arm, joints).site("tool")
    np.testing.assert_allclose(site.xpos, (r * np.cos(bearing), r * np.sin(bearing), z), atol=1e-9)
    pointing = site.xmat.reshape(3, 3)[:, 2]
    along = pointing @ (np.cos(bearing), np.sin(bearing), 0.0)
    np.testing.assert_allclose(np.arctan2(along, -pointing[2]), lean, atol=1e-9)
    np.testing.assert_allclose(tool_pose(joints, TOOL), (bearing, r, z, lean), atol=1e-9)


def test_too_far_is_refused_with_the_place():
    one = np.ones(1)
    with pytest.raises(PoseOutOfReach, match="bring the object closer"):
        joints_for(0 * one, 1.2 * one, 0.1 * one, 0 * one, TOOL)
