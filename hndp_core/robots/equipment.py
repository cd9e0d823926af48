"""What stands in a cell: which arm, how it is reached, and the camera that looks at it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal, get_args

from hndp_core.errors import InvalidSetting
from hndp_core.robots.arm_driver import ArmDriver
from hndp_core.robots.camera import Camera
from hndp_core.robots.camera_address import CameraAddress
from hndp_core.robots.robot import Robot
from hndp_core.tasks.task import Task

RobotKind = Literal["simulated", "franka", "panda-py"]
ROBOT_KINDS: Final[tuple[str, ...]] = get_args(RobotKind)


@dataclass(frozen=True)
class Equipment:
    """Arm and camera of a cell.

    Attributes:
        robot: "simulated", "franka" (by frankapy over ROS) or "panda-py" (by panda-python, without ROS).
        robot_address: name or address of the arm's control unit, for panda-py alone.
        camera: that looks at the scene; None: a simulated arm's is rendered.
        gripper: whether the real arm has Franka's hand.
        simulation_speed: simulated seconds a second; 0 is as fast as it computes.

    Raises:
        InvalidSetting: what does not fit together.
    """

    robot: RobotKind = "simulated"
    robot_address: str = ""
    camera: CameraAddress | None = None
    gripper: bool = False
    simulation_speed: float = 0.0

    def __post_init__(self) -> None:
        if self.robot not in ROBOT_KINDS:
            raise InvalidSetting("robot", self.robot, f"use one of {', '.join(ROBOT_KINDS)}")
        if self.robot == "panda-py" and not self.robot_address:
            raise InvalidSetting("robot address", "", "panda-py needs the address of the arm's control unit")
        if self.robot != "panda-py" and self.robot_address:
            finds = "frankapy finds the arm by ROS" if self.robot == "franka" else "it is simulated"
            raise InvalidSetting("robot address", self.robot_address, f"leave it out: {finds}")
        if self.robot != "simulated" and self.camera is None:
            raise InvalidSetting("camera", "", "a real arm needs one: 0, /dev/video2 or rtsp://HOST/PATH")
        if self.robot == "simulated" and self.gripper:
            raise InvalidSetting("gripper", True, "leave it out: the simulated arm's tool is fixed")


class RobotFactory:
    """Makes the robot of a task. Driver and camera are made once and serve one robot after the other.

    Attributes:
        camera: that the robots look through; None: it is rendered.
    """

    def __init__(self, equipment: Equipment) -> None:
        """Take what is needed; nothing is connected yet."""
        self.camera: Camera | None = None
        if equipment.camera is not None:
            from hndp_core.robots.opencv_camera import OpenCvCamera  # loads OpenCV, which only a cell needs

            self.camera = OpenCvCamera(equipment.camera)
        self._make = _maker(equipment, self.camera)

    def __call__(self, task: Task) -> Robot:
        """Return a robot for a task, not connected yet.

        Raises:
            MissingGraphicsLibrary: a simulated camera without OpenGL.
        """
        return self._make(task)


def _maker(equipment: Equipment, camera: Camera | None) -> Callable[[Task], Robot]:
    if equipment.robot != "simulated":
        from hndp_core.robots.real import RealRobot

        assert camera is not None, "the equipment was checked"
        driver, looks_through = _driver(equipment), camera
        return lambda task: RealRobot(driver, looks_through, task)
    speed = equipment.simulation_speed
    if camera is not None:
        from hndp_core.robots.filmed import FilmedRobot

        filming = camera
        return lambda task: FilmedRobot(task.build_scene(), filming, speed)
    from hndp_core.robots.simulated import SimulatedRobot

    return lambda task: SimulatedRobot(task.build_scene(), speed)


def _driver(equipment: Equipment) -> ArmDriver:
    if equipment.robot == "franka":
        from hndp_core.robots.franka import FrankapyDriver

        return FrankapyDriver(equipment.gripper)
    from hndp_core.robots.panda_py import PandaPyDriver

    return PandaPyDriver(equipment.robot_address, equipment.gripper)
