"""The Franka arm through frankapy, which streams commands over ROS to the computer that controls the arm.

Source of the calls: frankapy's `FrankaArm` and its examples `run_dynamic_joints`, `run_guide_mode`.
"""

import signal
import threading
import time
from dataclasses import dataclass
from types import ModuleType
from typing import Any, Final

import numpy as np
from jaxtyping import Float64

from hndp_core.robots.arm_driver import ArmDriver, ArmReading, MissingDriver, StreamEnded
from hndp_core.robots.connection import ArmRefused, NoGripper, RobotLost

_SERVICES: Final = tuple(
    f"/{server}_node_1/{server}"
    for server in ("get_current_franka_interface_status_server", "get_current_robot_state_server")
)
_BUFFER_S: Final = 10.0
"""How much longer than planned the arm waits for commands; then it holds its joints by itself."""

_ENDING_S: Final = 2.0
_TOO_LATE_S: Final = 2.0
"""A command whose preparation hung for so long belongs to a motion that has been given up."""

_QUEUED_MESSAGES: Final = 1000
_INSTALL: Final = (
    "Install ROS and, from its source, frankapy; start the cell from a shell in which both are sourced "
    "(docs/cell.md, Real arm)."
)
_REACH_IT: Final = (
    "Look whether the control computer runs franka-interface and its ROS nodes and answers on the network, "
    "then connect again."
)
_WAKE_IT: Final = "Look at the arm: release its stop or clear the error in Desk, then connect again."
_MAIN_THREAD: Final = "Connect the arm when the process starts, before it serves."


@dataclass(frozen=True)
class _Ros:
    """What is used of frankapy and of the ROS packages beside it."""

    rospy: ModuleType
    frankapy: ModuleType
    proto: ModuleType
    proto_utils: ModuleType
    messages: ModuleType


def _import_frankapy() -> _Ros:
    """Import frankapy, which is no package of the index: only who has the arm has it.

    Raises:
        MissingDriver: it, or ROS, is not installed.
    """
    try:
        import franka_interface_msgs.msg as messages  # pyright: ignore[reportMissingImports]
        import frankapy  # pyright: ignore[reportMissingImports]
        import frankapy.proto as proto  # pyright: ignore[reportMissingImports]
        import frankapy.proto_utils as proto_utils  # pyright: ignore[reportMissingImports]
        import rospy  # pyright: ignore[reportMissingImports]
    except ImportError as error:
        raise MissingDriver("frankapy", str(error), _INSTALL) from error
    return _Ros(rospy, frankapy, proto, proto_utils, messages)


class FrankapyDriver(ArmDriver):
    """Commands the arm by frankapy's dynamic joint impedance skill.

    frankapy can be started once in a process and from the main thread only. It stays for the life of the
    process, and a later `open` only asks whether the arm is ready.
    """

    def __init__(self, gripper: bool = False, ready_timeout_s: float = 10.0) -> None:
        """Take what is needed; nothing is connected yet.

        Args:
            gripper: whether the arm has Franka's hand; without one, asking for it never ends in frankapy.
            ready_timeout_s: time for the control computer to say that it is ready.
        """
        self._gripper = gripper
        self._ready_timeout_s = ready_timeout_s
        self._ros: _Ros | None = None
        self._franka: Any = None
        self._publisher: Any = None
        self._began_s = 0.0
        self._messages = 0

    def open(self) -> None:
        """Start frankapy, or ask whether the arm is ready if it has been started."""
        self._ros = self._ros or _import_frankapy()
        if self._franka is None:
            self._franka = self._start(self._ros)
        self._franka.wait_for_franka_interface(timeout=self._ready_timeout_s)

    def close(self) -> None:
        """End what the arm is doing."""
        self._franka.stop_skill()

    def remedy(self, error: Exception) -> str:
        """Say where to look: at the arm when it reports an error, else at what leads to it."""
        stopped = isinstance(error, StreamEnded) or type(error).__name__ == "FrankaArmException"
        return _WAKE_IT if stopped else _REACH_IT

    def read(self) -> ArmReading:
        """Measure the joints by one question to the control computer."""
        state = self._franka.get_robot_state()
        return ArmReading(np.array(state["joints"], float), np.array(state["joint_velocities"], float))

    def begin_stream(self, start: Float64[np.ndarray, " dof"], duration_s: float) -> None:
        """Start the skill that follows messages; frankapy returns when it runs."""
        if self._publisher.get_num_connections() == 0:
            raise ConnectionError("no franka-interface listens to joint commands")
        try:
            self._franka.goto_joints(
                start.tolist(),
                duration=duration_s,
                dynamic=True,
                buffer_time=_BUFFER_S,
                ignore_errors=False,
                skill_desc="trajectory",
            )
        except ValueError as error:
            raise ArmRefused(str(error).rstrip("!.")) from error
        self._began_s, self._messages = self._now_s(), 0

    def command(self, joints: Float64[np.ndarray, " dof"], velocities: Float64[np.ndarray, " dof"]) -> None:
        """Publish one joint position; the arm's impedance control makes its own velocities."""
        asked_s = time.monotonic()
        if self._franka.is_skill_done(ignore_errors=False):
            raise StreamEnded
        if time.monotonic() - asked_s > _TOO_LATE_S:
            raise TimeoutError("the control computer answered too late for the command to be true")
        ros = self._started()
        self._messages += 1
        message = ros.proto.JointPositionSensorMessage(
            id=self._messages, timestamp=self._now_s() - self._began_s, joints=joints.tolist()
        )
        part = ros.proto_utils.sensor_proto2ros_msg(
            message, ros.frankapy.SensorDataMessageType.JOINT_POSITION
        )
        self._publisher.publish(ros.proto_utils.make_sensor_group_msg(trajectory_generator_sensor_msg=part))

    def end_stream(self) -> None:
        """Tell the skill to end, and cancel it if it does not."""
        ros = self._started()
        message = ros.proto.ShouldTerminateSensorMessage(
            timestamp=self._now_s() - self._began_s, should_terminate=True
        )
        part = ros.proto_utils.sensor_proto2ros_msg(
            message, ros.frankapy.SensorDataMessageType.SHOULD_TERMINATE
        )
        self._publisher.publish(ros.proto_utils.make_sensor_group_msg(termination_handler_sensor_msg=part))
        deadline_s = time.monotonic() + _ENDING_S
        while not self._franka.is_skill_done(ignore_errors=False):
            if time.monotonic() > deadline_s:
                self._franka.stop_skill()
                return

    def give_way(self, duration_s: float) -> None:
        """Start guide mode, which ends by itself."""
        self._franka.run_guide_mode(duration=duration_s, block=False)

    def hold(self) -> None:
        """End guide mode."""
        self._franka.stop_skill()

    def yields(self) -> bool:
        """Whether guide mode runs."""
        return not self._franka.is_skill_done(ignore_errors=False)

    def grip(self, close: bool) -> None:
        """Open or close the hand; frankapy returns when it has."""
        if not self._gripper:
            raise NoGripper
        if close:
            self._franka.close_gripper()
        else:
            self._franka.open_gripper()

    def _start(self, ros: _Ros) -> Any:
        """Start frankapy; one is looked for first, since without a control computer it waits for ever.

        Raises:
            RobotLost: not on the main thread.
        """
        if threading.current_thread() is not threading.main_thread():
            raise RobotLost("frankapy can be started from the main thread only", _MAIN_THREAD)
        for service in _SERVICES:
            ros.rospy.wait_for_service(service, timeout=self._ready_timeout_s)
        interrupt = signal.getsignal(signal.SIGINT) or signal.SIG_DFL
        try:
            franka = ros.frankapy.FrankaArm(with_gripper=self._gripper)
        finally:
            signal.signal(signal.SIGINT, interrupt)  # frankapy's own would end the process at once
        self._publisher = ros.rospy.Publisher(
            ros.frankapy.FrankaConstants.DEFAULT_SENSOR_PUBLISHER_TOPIC,
            ros.messages.SensorDataGroup,
            queue_size=_QUEUED_MESSAGES,
        )
        return franka

    def _now_s(self) -> float:
        return self._started().rospy.Time.now().to_time()

    def _started(self) -> _Ros:
        assert self._ros is not None, "opened before anything is asked of it"
        return self._ros
