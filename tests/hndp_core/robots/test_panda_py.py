import importlib
import sys
import time
from collections.abc import Iterator

import numpy as np
import pytest

from hndp_core.robots import NoGripper, RobotLost
from hndp_core.robots.arm_driver import MissingDriver
from hndp_core.robots.camera_address import CameraAddress
from hndp_core.robots.opencv_camera import OpenCvCamera
from hndp_core.robots.panda_py import PandaPyDriver
from hndp_core.robots.real import RealRobot
from hndp_core.tasks import get_task

from . import fake_panda_py
from .contract import RobotContract, small_motion, wait_until_not_guiding
from .fake_panda_py import ControlUnit

TASK = get_task("scooping@clean")
TIMEOUT_S = 30.0  # on a busy machine an answer takes its time


@pytest.fixture
def unit(monkeypatch) -> ControlUnit:
    return fake_panda_py.install(monkeypatch)


@pytest.fixture
def camera(video_path) -> OpenCvCamera:
    return OpenCvCamera(CameraAddress.parse(f"file:{video_path}?rate=0.001"), stale_after_s=600.0)


@pytest.fixture
def robot(unit, camera) -> Iterator[RealRobot]:
    with RealRobot(PandaPyDriver("172.16.0.2"), camera, TASK, TIMEOUT_S) as robot:
        yield robot


class TestPandaPyRobot(RobotContract):
    region = TASK.layout()[4]

    @pytest.fixture
    def robot(self, robot):
        return robot

    @pytest.fixture(autouse=True)
    def _hand(self, unit):
        self._unit = unit

    def lead(self, robot, joints):
        self._unit.arm.push(joints)


def test_without_panda_python_the_error_says_how_to_install_it(camera, monkeypatch):
    monkeypatch.setitem(sys.modules, "panda_py", None)
    with pytest.raises(MissingDriver, match=r"pip install 'hndp-studio\[panda-py\]'"):
        RealRobot(PandaPyDriver("172.16.0.2"), camera, TASK).connect()


def test_an_arm_that_refuses_the_connection_says_what_to_look_at(unit, camera):
    unit.reachable = False
    with pytest.raises(RobotLost, match=r"Connection to FCI refused.*FCI activated in Desk"):
        RealRobot(PandaPyDriver("172.16.0.2"), camera, TASK).connect()


def test_commands_come_with_their_velocities(robot, unit):
    path = small_motion(robot.joints())
    robot.execute(path)
    positions, velocities = (np.array(each) for each in zip(*unit.commands, strict=True))
    np.testing.assert_array_equal(positions[:20], path)
    np.testing.assert_allclose(velocities[1:20], np.diff(path, axis=0) * robot.rate_hz)
    assert (positions[20:] == path[-1]).all()
    assert (velocities[20:] == 0).all()
    assert unit.controller is None


def test_an_error_of_the_control_loop_ends_the_motion(robot, unit):
    given: list[int] = []

    def on_step(step: int, _: np.ndarray) -> None:
        if step == 5:
            unit.fail("libfranka: Move command aborted: cartesian_reflex")
            given.append(len(unit.commands))

    with pytest.raises(RobotLost, match=r"cartesian_reflex.*Look at the arm"):
        robot.execute(small_motion(robot.joints(), 40), on_step)
    assert len(unit.commands) == given[0]
    assert unit.controller is None
    with pytest.raises(RobotLost, match="cartesian_reflex"):
        robot.joints()
    robot.connect()
    assert unit.connections == 2
    assert not robot.execute(small_motion(robot.joints(), 5)).stopped


def test_a_controller_that_somebody_else_ended_ends_the_motion(robot, unit):
    def on_step(step: int, _: np.ndarray) -> None:
        if step == 5:
            unit.controller = None

    with pytest.raises(RobotLost, match="ended the motion by itself"):
        robot.execute(small_motion(robot.joints(), 40), on_step)


def test_an_arm_that_no_longer_answers_is_lost(robot, unit):
    unit.reachable = False
    with pytest.raises(RobotLost, match="Timeout"):
        robot.joints()
    assert robot.connection.state == "lost"


def test_teaching_mode_is_ended_by_a_clock(robot, unit):
    robot.begin_guiding(0.05)
    wait_until_not_guiding(robot)
    deadline_s = time.monotonic() + 5.0
    while unit.controller is not None and time.monotonic() < deadline_s:
        time.sleep(0.01)
    assert unit.controller is None


def test_a_motion_waits_until_the_clock_has_ended_the_guiding(robot, unit):
    unit.stop_takes_s = 0.1
    robot.begin_guiding(0.02)
    wait_until_not_guiding(robot)
    assert unit.controller == "teaching", "the clock has not ended it yet"
    assert not robot.execute(small_motion(robot.joints(), 5)).stopped


def test_an_error_while_guided_is_heard_of_at_the_end(robot, unit):
    robot.begin_guiding(60.0)
    unit.fail("libfranka: user_stop")
    with pytest.raises(RobotLost, match="user_stop"):
        robot.end_guiding()
    assert unit.controller is None


def test_the_gripper_opens_and_closes_where_one_is_fitted(unit, camera):
    with RealRobot(PandaPyDriver("172.16.0.2", gripper=True), camera, TASK, TIMEOUT_S) as robot:
        robot.close_gripper()
        robot.open_gripper()
    assert unit.gripped == [("grasp", 0.0, 0.08), ("move", 0.08)]


def test_without_a_gripper_none_moves_and_the_arm_is_not_lost(robot):
    with pytest.raises(NoGripper):
        robot.open_gripper()
    assert robot.connection.state == "connected"


def test_the_fake_has_the_signatures_of_the_real_one(monkeypatch):
    """Where panda-python is installed, what the driver calls must be there, with these arguments."""
    real = pytest.importorskip("panda_py")
    controllers = importlib.import_module("panda_py.controllers")
    libfranka = importlib.import_module("panda_py.libfranka")
    for owner, method, arguments in (
        (real.Panda, "__init__", ("hostname",)),
        (real.Panda, "get_state", ()),
        (real.Panda, "is_moving", ()),
        (real.Panda, "raise_error", ()),
        (real.Panda, "start_controller", ("controller",)),
        (real.Panda, "stop_controller", ()),
        (real.Panda, "teaching_mode", ("active", "damping")),
        (controllers.JointPosition, "__init__", ("stiffness", "damping", "filter_coeff")),
        (controllers.JointPosition, "set_control", ("position", "velocity")),
        (libfranka.Gripper, "__init__", ("franka_address",)),
        (libfranka.Gripper, "move", ("width", "speed")),
        (libfranka.Gripper, "grasp", ("width", "speed", "force", "epsilon_inner", "epsilon_outer")),
    ):
        signature = getattr(owner, method).__doc__
        assert all(f"{name}:" in signature for name in arguments), (method, signature)
