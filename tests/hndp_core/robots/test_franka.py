import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import pytest

from hndp_core.errors import TrajectoryRefused
from hndp_core.robots import ArmRefused, NoGripper, NotConnected, NothingPrepared, RobotLost
from hndp_core.robots.arm_driver import MissingDriver
from hndp_core.robots.camera import CameraLost
from hndp_core.robots.camera_address import CameraAddress
from hndp_core.robots.franka import FrankapyDriver
from hndp_core.robots.opencv_camera import OpenCvCamera
from hndp_core.robots.real import RealRobot
from hndp_core.tasks import SceneVariation, get_task

from . import fake_frankapy
from .contract import RobotContract, small_motion
from .fake_frankapy import JOINT_POSITION, SHOULD_TERMINATE, ControlComputer

TASK = get_task("scooping@clean")
TIMEOUT_S = 30.0  # on a busy machine an answer takes its time


@pytest.fixture
def computer(monkeypatch) -> Iterator[ControlComputer]:
    computer = fake_frankapy.install(monkeypatch)
    yield computer
    computer.cable.set()


@pytest.fixture
def camera(video_path) -> OpenCvCamera:
    return OpenCvCamera(CameraAddress.parse(f"file:{video_path}?rate=0.001"), stale_after_s=600.0)


@pytest.fixture
def robot(computer, camera) -> Iterator[RealRobot]:
    with RealRobot(FrankapyDriver(), camera, TASK, TIMEOUT_S) as robot:
        yield robot


def kinds(computer: ControlComputer) -> list[int]:
    return [kind for _, kind, _ in computer.published]


class TestFrankaRobot(RobotContract):
    region = TASK.layout()[4]

    @pytest.fixture
    def robot(self, robot):
        return robot

    @pytest.fixture(autouse=True)
    def _hand(self, computer):
        self._computer = computer

    def lead(self, robot, joints):
        self._computer.arm.push(joints)


def test_without_frankapy_the_error_says_how_to_install_it(camera):
    with pytest.raises(MissingDriver, match=r"frankapy.*Install ROS and, from its source, frankapy"):
        RealRobot(FrankapyDriver(), camera, TASK).connect()


def test_a_real_arm_is_never_taken_for_simulation_and_judges_nothing(robot):
    assert robot.simulated is False
    assert robot.outcome() is None


def test_the_state_is_what_the_prepared_region_says(robot):
    with pytest.raises(NothingPrepared, match="prepare"):
        robot.state()
    robot.prepare(TASK.layout()[2], SceneVariation.none())
    np.testing.assert_array_equal(robot.state(), TASK.nominal_state(TASK.layout()[2]))


def test_commands_are_streamed_as_frankapy_wants_them(robot, computer):
    start = robot.joints()
    path = small_motion(start)
    robot.execute(path)
    ((_, skill),) = [call for call in computer.calls if call[0] == "goto_joints"]
    np.testing.assert_allclose(skill["joints"], start)
    assert skill["duration"] == pytest.approx(0.4)
    assert skill["buffer_time"] >= 5
    assert set(kinds(computer)[:-1]) == {JOINT_POSITION}
    assert kinds(computer)[-1] == SHOULD_TERMINATE
    messages = [content for _, kind, content in computer.published if kind == JOINT_POSITION]
    np.testing.assert_array_equal([each["joints"] for each in messages[:20]], path)
    assert all(each["joints"] == path[-1].tolist() for each in messages[20:])
    assert [each["id"] for each in messages] == list(range(1, len(messages) + 1))
    stamps = np.array([each["timestamp"] for each in messages])
    assert (np.diff(stamps) > 0).all()
    assert stamps[-1] - stamps[0] >= (len(stamps) - 1) * 0.02 - 0.005
    assert computer.skill is None


def test_commands_go_before_other_work_of_the_machine(robot, computer, monkeypatch):
    sent_with: list[bool] = []
    high = threading.local()

    @contextmanager
    def high_priority() -> Iterator[None]:
        high.now = True
        yield
        high.now = False

    publish = computer.receive

    def receive(message) -> None:
        sent_with.append(getattr(high, "now", False))
        publish(message)

    monkeypatch.setattr("hndp_core.robots.command_stream.high_priority", high_priority)
    monkeypatch.setattr(computer, "receive", receive)
    robot.execute(small_motion(robot.joints(), 5))
    *commands, end = sent_with
    assert len(commands) >= 5
    assert all(commands), "the thread that streams has the priority"
    assert not end


def test_after_a_stop_the_arm_is_told_to_stay_where_it_is(robot, computer):
    path = small_motion(robot.joints(), 50)
    robot.execute(path, lambda step, _: robot.stop() if step == 20 else None)
    messages = [content["joints"] for _, kind, content in computer.published if kind == JOINT_POSITION]
    held = messages[21:]
    assert len(held) == 10
    assert all(each == held[0] for each in held)
    np.testing.assert_allclose(held[0], path[20], atol=2e-3)
    assert kinds(computer)[-1] == SHOULD_TERMINATE


def test_a_refused_trajectory_sends_nothing(robot, computer):
    path = small_motion(robot.joints())
    path[5:, 0] += 0.5
    with pytest.raises(TrajectoryRefused):
        robot.execute(path)
    assert computer.published == []
    assert "goto_joints" not in computer.names()


def test_what_the_arm_refuses_by_itself_does_not_lose_it(robot, computer):
    computer.blocked_joints.append(robot.joints().tolist())
    with pytest.raises(ArmRefused, match="virtual walls"):
        robot.execute(small_motion(robot.joints()))
    assert computer.published == []
    assert robot.connection.state == "connected"


def _lose_while_moving(robot: RealRobot, computer: ControlComputer, cause) -> RobotLost:
    """Let the cause come at step 5 of a motion; nothing may be published after it."""
    sent: list[int] = []

    def on_step(step: int, _: np.ndarray) -> None:
        if step == 5:
            cause()
            sent.append(len(computer.published))

    with pytest.raises(RobotLost) as lost:
        robot.execute(small_motion(robot.joints(), 40), on_step)
    assert JOINT_POSITION not in kinds(computer)[sent[0] :]
    assert robot.connection.state == "lost"
    assert robot.connection.reason == str(lost.value)
    for act in (robot.joints, robot.home, lambda: robot.begin_guiding(1.0)):
        with pytest.raises(RobotLost):
            act()
    return lost.value


def test_a_service_that_is_gone_ends_the_motion(robot, computer):
    lost = _lose_while_moving(robot, computer, lambda: setattr(computer, "up", False))
    assert "unavailable" in lost.reason
    assert "control computer" in lost.remedy


def test_an_arm_that_reports_an_error_ends_the_motion(robot, computer):
    lost = _lose_while_moving(robot, computer, lambda: setattr(computer, "error", "cartesian_reflex"))
    assert "cartesian_reflex" in lost.reason
    assert "clear the error in Desk" in lost.remedy


def test_a_skill_that_ends_by_itself_ends_the_motion(robot, computer):
    lost = _lose_while_moving(robot, computer, lambda: setattr(computer, "skill", None))
    assert "ended the motion by itself" in lost.reason


def test_a_pulled_cable_ends_the_motion_in_time(robot, computer):
    def pull() -> None:
        robot._line.timeout_s = robot._driver.greatest_end_s = 0.2
        computer.cable.clear()

    lost = _lose_while_moving(robot, computer, pull)
    assert "not answered for 0.2 s" in lost.reason
    computer.cable.set()


def test_a_lost_arm_can_be_connected_anew(robot, computer):
    computer.up = False
    with pytest.raises(RobotLost):
        robot.joints()
    with pytest.raises(RobotLost, match="control computer"):
        robot.connect()
    assert robot.connection.state == "disconnected"
    computer.up = True
    robot.connect()
    assert robot.connection.state == "connected"
    assert not robot.execute(small_motion(robot.joints(), 5)).stopped
    assert computer.names().count("__init__") == 1


def test_an_unreachable_control_computer_is_no_endless_wait(computer, camera):
    computer.up = False
    robot = RealRobot(FrankapyDriver(), camera, TASK)
    with pytest.raises(RobotLost, match="franka-interface"):
        robot.connect()
    with pytest.raises(NotConnected):
        robot.joints()


def test_nobody_who_listens_means_no_motion(robot, computer):
    computer.listening = False
    with pytest.raises(RobotLost, match="listens"):
        robot.execute(small_motion(robot.joints()))
    assert "goto_joints" not in computer.names()


def test_frankapy_is_started_on_the_main_thread_and_leaves_its_signals_alone(computer, camera):
    robot = RealRobot(FrankapyDriver(), camera, TASK, TIMEOUT_S)
    before = signal.getsignal(signal.SIGINT)
    errors: list[RobotLost] = []

    def connect() -> None:
        with pytest.raises(RobotLost, match="main thread") as lost:
            robot.connect()
        errors.append(lost.value)

    thread = threading.Thread(target=connect)
    thread.start()
    thread.join()
    assert len(errors) == 1
    with robot:
        assert signal.getsignal(signal.SIGINT) is before


def test_guiding_asks_for_the_time_it_needs(robot, computer):
    robot.begin_guiding(42.0)
    assert ("run_guide_mode", {"duration": 42.0}) in computer.calls
    assert computer.skill == "guide"
    robot.end_guiding()
    assert computer.skill is None


def test_a_guided_arm_that_is_stopped_by_its_button_is_lost_and_says_so(robot, computer):
    robot.begin_guiding(60.0)
    computer.error = "user stop"
    with pytest.raises(RobotLost, match="user stop"):
        _ = robot.guiding
    assert not robot.guiding


def test_a_motion_whose_camera_fails_ends_with_the_arm_at_rest(robot, computer):
    path = small_motion(robot.joints(), 40)

    def on_step(step: int, _: np.ndarray) -> None:
        if step == 10:
            robot._camera.close()
        robot.capture(32, 24)

    with pytest.raises(CameraLost):
        robot.execute(path, on_step)
    assert kinds(computer)[-1] == SHOULD_TERMINATE
    np.testing.assert_allclose(robot.joints(), path[10], atol=2e-3)
    assert robot.connection.state == "connected"
    robot.prepare(TASK.layout()[0], SceneVariation.none())
    assert robot.capture(32, 24).shape == (24, 32, 3)


def test_the_gripper_opens_and_closes_where_one_is_fitted(computer, camera):
    with RealRobot(FrankapyDriver(gripper=True), camera, TASK, TIMEOUT_S) as robot:
        robot.close_gripper()
        robot.open_gripper()
    assert [name for name in computer.names() if "gripper" in name] == ["close_gripper", "open_gripper"]
    assert ("__init__", {"with_gripper": True}) in computer.calls


def test_without_a_gripper_none_moves_and_the_arm_is_not_lost(robot):
    for act in (robot.open_gripper, robot.close_gripper):
        with pytest.raises(NoGripper, match="no gripper"):
            act()
    assert robot.connection.state == "connected"
