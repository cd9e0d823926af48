import threading
import time

import numpy as np
import pytest

from hndp_core.errors import InvalidSetting, ShapeMismatch
from hndp_core.robots import PANDA_LIMITS, NoGripper, NotConnected, NotGuided, SimulatedRobot
from hndp_core.tasks import SceneVariation, get_task

from .contract import RobotContract, small_motion

TASK = get_task("scooping@clean")
REGION = TASK.layout()[4]


@pytest.fixture(scope="module")
def scene():
    scene = TASK.build_scene()
    yield scene
    scene.close()


@pytest.fixture
def robot(scene):
    with SimulatedRobot(scene) as robot:
        robot.prepare(REGION, SceneVariation.none())
        yield robot


class TestSimulatedRobot(RobotContract):
    region = REGION

    @pytest.fixture
    def robot(self, robot):
        return robot

    def lead(self, robot, joints):
        assert isinstance(robot, SimulatedRobot)
        for _ in range(50):
            robot.guide(joints)


def test_simulation_is_never_taken_for_the_real_robot(robot):
    assert robot.simulated is True


def test_prepare_needs_a_connection(scene):
    with pytest.raises(NotConnected):
        SimulatedRobot(scene).prepare(REGION, SceneVariation.none())


def test_home_is_reached_from_afar(robot):
    robot.execute(robot.scene.demonstrate(REGION, SceneVariation.none())[:180])
    assert np.abs(robot.joints() - TASK.home_joints).max() > 0.3
    robot.home()
    np.testing.assert_allclose(robot.joints(), TASK.home_joints, atol=5e-3)


def test_real_time_takes_its_time(scene):
    with SimulatedRobot(scene, speed=2.0) as robot:
        robot.prepare(REGION, SceneVariation.none())
        began = time.monotonic()
        robot.execute(small_motion(robot.joints(), 40))
        assert time.monotonic() - began >= 0.4


def test_no_frame_is_drawn_for_nobody(robot, monkeypatch):
    drawn = []
    monkeypatch.setattr(robot.scene, "render", lambda *size: drawn.append(size))
    robot.execute(small_motion(robot.joints()))
    assert drawn == []


def test_live_frames_show_the_motion_to_another_thread(scene):
    with SimulatedRobot(scene, speed=1.0) as robot:
        robot.prepare(REGION, SceneVariation.none())
        robot.live = True
        first = robot.latest_frame()
        assert first is not None
        seen = [first]
        done = threading.Event()

        def watch():
            while not done.is_set():
                frame = robot.latest_frame()
                if frame is not None and not any(frame is earlier for earlier in seen):
                    seen.append(frame)
                time.sleep(0.01)

        watcher = threading.Thread(target=watch)
        watcher.start()
        robot.execute(robot.scene.demonstrate(REGION, SceneVariation.none())[:50])
        done.set()
        watcher.join()
    assert 2 <= len(seen) <= 15
    assert seen[0].shape == (240, 320, 3)


def test_a_live_picture_at_rest_is_fresh(robot):
    robot.live = True
    first = robot.latest_frame()
    robot.prepare(TASK.layout()[0], SceneVariation.none())
    time.sleep(0.1)
    assert (robot.latest_frame() != first).any()


def test_live_pictures_change_no_bit_of_the_motion(robot):
    path = robot.scene.demonstrate(REGION, SceneVariation.none())[:60]
    quiet = robot.execute(path).measured
    robot.prepare(REGION, SceneVariation.none())
    robot.live = True
    np.testing.assert_array_equal(robot.execute(path).measured, quiet)


def test_the_tool_is_fixed(robot):
    for act in (robot.open_gripper, robot.close_gripper):
        with pytest.raises(NoGripper):
            act()


def test_a_guided_arm_is_led_no_faster_and_no_farther_than_it_can(robot, monkeypatch):
    commands = [robot.joints()]
    step = robot.scene.step
    monkeypatch.setattr(robot.scene, "step", lambda joints: (commands.append(joints.copy()), step(joints)))
    robot.begin_guiding(60.0)
    for _ in range(75):
        robot.guide(robot.joints() + np.array([3.0, 0, 0, 0, 0, 0, -9.0]))
    rows = np.array(commands)
    low, high = PANDA_LIMITS.position_range()
    assert (np.abs(np.diff(rows, axis=0)) <= np.array(PANDA_LIMITS.velocity) / robot.rate_hz + 1e-12).all()
    assert ((rows >= low) & (rows <= high)).all()
    assert rows[-1, 0] - rows[0, 0] > 1.0
    assert rows[-1, 6] == low[6]


def test_what_is_no_place_leads_nowhere(robot):
    before = robot.joints()
    robot.begin_guiding(60.0)
    with pytest.raises(InvalidSetting, match="finite"):
        robot.guide(np.full(7, np.nan))
    with pytest.raises(ShapeMismatch):
        robot.guide(np.zeros(6))
    np.testing.assert_array_equal(robot.joints(), before)


def test_a_hand_that_comes_too_late_finds_the_arm_holding(robot):
    with pytest.raises(NotGuided):
        robot.guide(robot.joints())
    robot.begin_guiding(60.0)
    robot.stop()
    with pytest.raises(NotGuided, match="begin_guiding"):
        robot.guide(robot.joints() + 0.1)


def test_guiding_is_deterministic(robot):
    def guided():
        robot.prepare(REGION, SceneVariation.none())
        robot.begin_guiding(60.0)
        for step in range(40):
            robot.guide(robot.scene.home_joints + 0.002 * step)
        robot.end_guiding()
        return robot.joints()

    np.testing.assert_array_equal(guided(), guided())
