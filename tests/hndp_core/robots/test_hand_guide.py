"""Guiding the arm: every limit is kept whatever is wished, the arm stays in one branch, and it gets there."""

from math import pi

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hndp_core.errors import InvalidSetting
from hndp_core.robots import check_trajectory
from hndp_core.robots.hand_guide import GuidePace, HandGuide
from hndp_core.robots.joint_motion_limit import JointMotionLimit
from hndp_core.robots.limits import PANDA_LIMITS
from hndp_core.tasks import get_task
from hndp_core.tasks.panda.guided_tool import ToolPose
from hndp_core.tasks.panda.planar_kinematics import joints_for, tool_pose
from hndp_core.tasks.panda.scooping_objects import ScoopingObjects

SPOON = ScoopingObjects().guided_spoon
HOME = np.array(get_task("scooping").home_joints)
RATE_HZ = 50.0


@pytest.fixture(scope="module")
def arm() -> HandGuide:
    return HandGuide(SPOON, HOME, RATE_HZ)


@pytest.fixture
def guide(arm: HandGuide) -> HandGuide:
    arm.begin(HOME)
    return arm


def led(guide: HandGuide, *wishes: tuple[ToolPose | None, int]) -> np.ndarray:
    """Return the commands (steps, 7) of wishes that are kept up for so many steps each."""
    return np.array([guide.step(wish) for wish, steps in wishes for _ in range(steps)])


def test_it_begins_where_the_forward_kinematics_say(guide: HandGuide) -> None:
    bearing, r, z, lean = tool_pose(HOME, SPOON.point_in_hand_m)
    expected = (r * np.cos(bearing), r * np.sin(bearing), z, lean - SPOON.level_lean_rad)
    np.testing.assert_allclose(guide.pose, expected, atol=1e-9)
    np.testing.assert_array_equal(guide.joints, HOME)


def test_a_wish_is_reached_with_the_joints_of_the_one_branch(guide: HandGuide) -> None:
    wish = ToolPose(0.6, 0.1, 0.05, -0.28)
    joints = led(guide, (wish, 300))[-1]
    np.testing.assert_allclose(guide.pose, wish, atol=1e-4)
    bearing, r, z = np.arctan2([0.1], [0.6]), np.hypot([0.6], [0.1]), np.array([0.05])
    lean = np.array([SPOON.level_lean_rad - 0.28])
    np.testing.assert_allclose(joints, joints_for(bearing, r, z, lean, SPOON.point_in_hand_m)[0], atol=1e-3)


poses = st.builds(ToolPose, st.floats(-2, 2), st.floats(-2, 2), st.floats(-1, 2), st.floats(-pi, pi))
wished = st.lists(st.tuples(st.none() | poses, st.integers(1, 30)), min_size=1, max_size=6)


@settings(max_examples=10, deadline=None)
@given(wished)
def test_no_wish_breaks_a_limit_or_twists_the_arm(arm: HandGuide, wishes) -> None:
    arm.begin(HOME)
    path = led(arm, *((wish and SPOON.within_room(wish), steps) for wish, steps in wishes))
    check_trajectory(HOME, path, RATE_HZ)
    assert np.abs(path[:, [2, 4]]).max() < 0.02, "the elbow left its plane"
    assert np.abs(path[:, 6] - HOME[6]).max() < 0.02


def test_around_and_back_is_smooth_and_returns_to_the_same_joints(guide: HandGuide) -> None:
    first = led(guide, (ToolPose(0.6, 0.15, 0.1, 0.0), 300))
    turn = np.linspace(0, 2 * pi, 300)
    circle = [(ToolPose(0.6 + 0.1 * np.sin(a), 0.15 * np.cos(a), 0.1, 0.0), 1) for a in turn]
    round_trip = led(guide, *circle, (ToolPose(0.6, 0.15, 0.1, 0.0), 150))
    np.testing.assert_allclose(round_trip[-1], first[-1], atol=1e-3)
    assert np.abs(np.diff(round_trip, axis=0)).max() < 0.025


def test_without_a_wish_it_brakes_and_holds(guide: HandGuide) -> None:
    led(guide, (ToolPose(0.7, 0.0, 0.2, 0.0), 30))
    path = led(guide, (None, 40))
    assert np.abs(path[1] - path[0]).max() > 1e-3, "it stopped dead"
    np.testing.assert_allclose(path[-1], path[-10], atol=1e-6)


def test_what_is_out_of_reach_leaves_the_arm_as_near_as_it_gets_and_comes_back(guide: HandGuide) -> None:
    far = ToolPose(0.85, 0.45, 0.70, 0.5)
    path = led(guide, (far, 250), (ToolPose(0.5, 0.0, 0.2, 0.0), 350))
    check_trajectory(HOME, path, RATE_HZ)
    np.testing.assert_allclose(guide.pose, (0.5, 0.0, 0.2, 0.0), atol=1e-3)


def test_equal_wishes_give_equal_bits(guide: HandGuide) -> None:
    wishes = ((ToolPose(0.6, -0.1, 0.05, 0.2), 30), (None, 5), (ToolPose(0.5, 0.1, 0.3, -0.4), 30))
    first = led(guide, *wishes)
    guide.begin(HOME)
    np.testing.assert_array_equal(led(guide, *wishes), first)


@given(st.data())
@settings(max_examples=20, deadline=None)
def test_the_box_of_allowed_steps_is_never_empty(data: st.DataObject) -> None:
    limit = JointMotionLimit(PANDA_LIMITS, 1.0, 1.0)
    joints, low, high = HOME.copy(), *PANDA_LIMITS.position_range()
    pulls = data.draw(st.lists(st.integers(-1, 1), min_size=1, max_size=6))
    for pull in np.repeat(pulls, 60):
        least, greatest = limit.velocities(joints, 1 / RATE_HZ)
        assert (least <= greatest + 1e-9).all()
        limit.moving = {-1: least, 0: (least + greatest) / 2, 1: greatest}[int(pull)]
        joints = joints + limit.moving / RATE_HZ
        assert (joints >= low).all()
        assert (joints <= high).all()


def test_settings_that_cannot_be_used_are_refused() -> None:
    with pytest.raises(InvalidSetting, match="speed_m_s"):
        GuidePace(speed_m_s=0.0)
    with pytest.raises(InvalidSetting, match="velocity_share"):
        JointMotionLimit(PANDA_LIMITS, 1.5, 1.0)
