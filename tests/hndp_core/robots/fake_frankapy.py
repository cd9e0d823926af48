"""frankapy, the ROS packages it needs and the control computer behind them, as their source says they act.

Signatures and behaviours are those of `frankapy.FrankaArm` on ROS 1: one skill at a time, guide mode and
dynamic skills that end by themselves, a dynamic `goto_joints` that returns after a short sleep, gripper calls
that block, a signal handler that only the main thread can set, services that raise or hang.
"""

import json
import signal
import sys
import threading
import time
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest

from .lagging_arm import LaggingArm

HOME_JOINTS = [0, -np.pi / 4, 0, -3 * np.pi / 4, 0, np.pi / 2, np.pi / 4]
JOINT_POSITION, SHOULD_TERMINATE = 5, 8
LONGEST_HANG_S = 20.0


class ROSException(Exception):
    pass


class ServiceException(Exception):
    pass


class FrankaArmCommException(Exception):
    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message

    def __str__(self) -> str:
        return f"Communication w/ FrankaInterface ran into a problem: {self.message}."


class FrankaArmFrankaInterfaceNotReadyException(Exception):
    def __str__(self) -> str:
        return "FrankaInterface was not ready!"


class FrankaArmException(Exception):
    def __str__(self) -> str:
        return f"FrankaInterface ran into a problem: {self.args[0]}"


class ControlComputer:
    """What happens at the other end of the network.

    Attributes:
        up: whether its services answer.
        cable: cleared while it is pulled: calls then hang.
        listening: whether it listens to sensor messages.
        error: what the arm reports; ends its skill.
        calls: of `FrankaArm`, by name, with their arguments.
        published: (seconds since its start, kind of message, content).
        skill: name of the one that runs; it ends by itself at `skill_ends_s`.
    """

    def __init__(self) -> None:
        self.arm = LaggingArm(np.array(HOME_JOINTS))
        self.up, self.listening, self.error = True, True, ""
        self.cable = threading.Event()
        self.cable.set()
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.published: list[tuple[float, int, dict[str, Any]]] = []
        self.skill: str | None = None
        self.skill_ends_s = 0.0
        self.blocked_joints: list[list[float]] = []
        self._began_s = time.monotonic()

    def answer(self, service: str) -> None:
        self.cable.wait(LONGEST_HANG_S)
        if not self.up:
            raise ServiceException(f"service [{service}] unavailable")

    def receive(self, message: SimpleNamespace) -> None:
        content = json.loads(message.sensorData)
        assert message.size == len(message.sensorData)
        self.published.append((time.monotonic() - self._began_s, message.type, content))
        if not self.running():
            return
        if message.type == SHOULD_TERMINATE and content["should_terminate"]:
            self.skill = None
        elif message.type == JOINT_POSITION and self.skill == "dynamic":
            self.arm.aim(np.array(content["joints"]))

    def running(self) -> bool:
        if self.error or time.monotonic() > self.skill_ends_s:
            self.skill = None
        return self.skill is not None

    def names(self) -> list[str]:
        return [name for name, _ in self.calls]


class FakeFrankaArm:
    """`frankapy.FrankaArm`."""

    computer: ControlComputer
    constants: type

    def __init__(
        self,
        rosnode_name: str = "franka_arm_client",
        ros_log_level: int = 2,
        robot_num: int = 1,
        with_gripper: bool = True,
        old_gripper: bool = False,
        offline: bool = False,
        init_node: bool = True,
    ) -> None:
        self._log("__init__", with_gripper=with_gripper)
        signal.signal(signal.SIGINT, lambda *_: None)
        self._in_skill = False
        self._with_gripper = with_gripper
        self.wait_for_franka_interface()

    def wait_for_franka_interface(self, timeout: float | None = None) -> None:
        if self._status().is_ready:
            return
        raise FrankaArmCommException("FrankaInterface status not ready for 10s")

    def is_skill_done(self, ignore_errors: bool = True) -> bool:
        if not self._in_skill:
            return True
        status = self._status()
        error: Exception | None = None
        if status.error_description:
            error = FrankaArmException(status.error_description)
        elif not status.is_ready:
            error = FrankaArmFrankaInterfaceNotReadyException()
        if error is not None:
            if not ignore_errors:
                raise error
            self.wait_for_franka_interface()
        time.sleep(0.001)
        if not self.computer.running():
            self._in_skill = False
        return not self._in_skill

    def wait_for_skill(self) -> None:
        while not self.is_skill_done():
            continue

    def stop_skill(self) -> None:
        self._log("stop_skill")
        if self._in_skill:
            self.computer.answer("cancel")
            self.computer.skill = None
        self.wait_for_skill()

    def goto_joints(
        self,
        joints: list[float],
        duration: float = 5,
        use_impedance: bool = False,
        dynamic: bool = False,
        buffer_time: float = 0.2,
        force_thresholds: list[float] | None = None,
        torque_thresholds: list[float] | None = None,
        cartesian_impedances: list[float] | None = None,
        joint_impedances: list[float] | None = None,
        k_gains: list[float] | None = None,
        d_gains: list[float] | None = None,
        block: bool = True,
        ignore_errors: bool = True,
        ignore_virtual_walls: bool = False,
        skill_desc: str = "GoToJoints",
    ) -> None:
        assert dynamic, "the fake knows dynamic skills alone"
        self._log("goto_joints", joints=joints, duration=duration, buffer_time=buffer_time)
        if joints in self.computer.blocked_joints and not ignore_virtual_walls:
            raise ValueError("Target joints in collision with virtual walls!")
        self._send_goal("dynamic", duration + buffer_time)
        self.computer.arm.aim(np.array(joints))
        time.sleep(self.constants.DYNAMIC_SKILL_WAIT_TIME)

    def run_guide_mode(self, duration: float = 10, block: bool = True, skill_desc: str = "GuideMode") -> None:
        self._log("run_guide_mode", duration=duration)
        self._send_goal("guide", duration)
        if block:
            self.wait_for_skill()

    def get_robot_state(self) -> dict[str, Any]:
        self.computer.answer("get_current_robot_state_server")
        joints, velocities = self.computer.arm.read()
        return {"joints": joints, "joint_velocities": velocities, "joint_torques": np.zeros(7)}

    def open_gripper(self, block: bool = True, skill_desc: str = "OpenGripper") -> None:
        self._grip("open_gripper", block)

    def close_gripper(self, grasp: bool = True, block: bool = True, skill_desc: str = "CloseGripper") -> None:
        self._grip("close_gripper", block)

    def _grip(self, name: str, block: bool) -> None:
        assert self._with_gripper, "without a hand frankapy has nothing to ask"
        if block:
            time.sleep(self.constants.GRIPPING_S)
        self._log(name)

    def _send_goal(self, skill: str, lasts_s: float) -> None:
        if not self.is_skill_done():
            raise ValueError("Cannot send another command when the previous skill is active!")
        self.computer.answer("execute_skill")
        self._in_skill = True
        self.computer.skill, self.computer.skill_ends_s = skill, time.monotonic() + lasts_s

    def _status(self) -> SimpleNamespace:
        self.computer.answer("get_current_franka_interface_status_server")
        return SimpleNamespace(is_ready=not self.computer.error, error_description=self.computer.error)

    def _log(self, name: str, **arguments: Any) -> None:
        self.computer.calls.append((name, arguments))


class SensorMessage:
    """A message of `frankapy.proto`; its bytes are JSON."""

    def __init__(self, **fields: Any) -> None:
        self._fields = fields

    def SerializeToString(self) -> bytes:  # noqa: N802
        return json.dumps(self._fields).encode()


def sensor_proto2ros_msg(sensor_proto_msg: SensorMessage, sensor_data_type: int, info: str = "") -> Any:
    content = sensor_proto_msg.SerializeToString()
    return SimpleNamespace(type=sensor_data_type, info=info, size=len(content), sensorData=content)


def make_sensor_group_msg(
    trajectory_generator_sensor_msg: Any = None,
    feedback_controller_sensor_msg: Any = None,
    termination_handler_sensor_msg: Any = None,
) -> Any:
    parts = (
        trajectory_generator_sensor_msg,
        feedback_controller_sensor_msg,
        termination_handler_sensor_msg,
    )
    return SimpleNamespace(parts=[part for part in parts if part is not None])


def install(monkeypatch: pytest.MonkeyPatch) -> ControlComputer:
    """Make frankapy and its companions importable; return the control computer that they talk to."""
    computer = ControlComputer()

    class FrankaConstants:
        DEFAULT_SENSOR_PUBLISHER_TOPIC = "franka_ros_interface/sensor"
        DYNAMIC_SKILL_WAIT_TIME = 0.02
        GRIPPING_S = 0.02

    class FrankaArm(FakeFrankaArm):
        pass

    FrankaArm.computer, FrankaArm.constants = computer, FrankaConstants

    class Publisher:
        def __init__(self, name: str, data_class: type, queue_size: int | None = None) -> None:
            assert name == FrankaConstants.DEFAULT_SENSOR_PUBLISHER_TOPIC

        def get_num_connections(self) -> int:
            return int(computer.listening and computer.up)

        def publish(self, group: Any) -> None:
            if computer.cable.is_set():
                for part in group.parts:
                    computer.receive(part)

    class Time:
        @staticmethod
        def now() -> Any:
            return SimpleNamespace(to_time=time.time)

    def wait_for_service(service: str, timeout: float | None = None) -> None:
        assert timeout is not None, "without a time limit this waits for ever"
        if not computer.up:
            raise ROSException(f"timeout exceeded while waiting for service {service}")

    modules: dict[str, dict[str, Any]] = {
        "rospy": {
            "ROSException": ROSException,
            "ServiceException": ServiceException,
            "Publisher": Publisher,
            "Time": Time,
            "wait_for_service": wait_for_service,
        },
        "frankapy": {
            "FrankaArm": FrankaArm,
            "FrankaConstants": FrankaConstants,
            "SensorDataMessageType": SimpleNamespace(
                JOINT_POSITION=JOINT_POSITION, SHOULD_TERMINATE=SHOULD_TERMINATE
            ),
        },
        "frankapy.proto": {
            "JointPositionSensorMessage": SensorMessage,
            "ShouldTerminateSensorMessage": SensorMessage,
        },
        "frankapy.proto_utils": {
            "sensor_proto2ros_msg": sensor_proto2ros_msg,
            "make_sensor_group_msg": make_sensor_group_msg,
        },
        "franka_interface_msgs": {},
        "franka_interface_msgs.msg": {"SensorDataGroup": SimpleNamespace},
    }
    for name, members in modules.items():
        module = ModuleType(name)
        vars(module).update(members)
        monkeypatch.setitem(sys.modules, name, module)
        parent, _, child = name.rpartition(".")
        if parent:
            setattr(sys.modules[parent], child, module)
    return computer
