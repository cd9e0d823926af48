import pytest

from hndp_core.errors import InvalidSetting
from hndp_core.robots.arm_driver import MissingDriver
from hndp_core.robots.camera_address import CameraAddress
from hndp_core.robots.equipment import Equipment, RobotFactory
from hndp_core.robots.filmed import FilmedRobot
from hndp_core.robots.opencv_camera import OpenCvCamera
from hndp_core.robots.real import RealRobot
from hndp_core.robots.simulated import SimulatedRobot
from hndp_core.tasks import SceneVariation, get_task

from .contract import RobotContract

TASK = get_task("scooping@clean")
CAMERA = CameraAddress.parse("0")


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"robot": "ur5"}, "use one of simulated, franka, panda-py"),
        ({"robot": "franka"}, "a real arm needs one"),
        ({"robot": "panda-py", "camera": CAMERA}, "needs the address of the arm"),
        ({"robot": "franka", "camera": CAMERA, "robot_address": "10.0.0.2"}, "finds the arm by ROS"),
        ({"robot_address": "10.0.0.2"}, "it is simulated"),
        ({"gripper": True}, "arm's tool is fixed"),
    ],
)
def test_what_does_not_fit_together_is_refused(given, message):
    with pytest.raises(InvalidSetting, match=message):
        Equipment(**given)


@pytest.mark.parametrize(
    ("equipment", "package"),
    [
        (Equipment("franka", camera=CAMERA), r"frankapy.*Install ROS"),
        (Equipment("panda-py", "10.0.0.2", CAMERA, gripper=True), r"panda-python.*pip install"),
    ],
)
def test_real_robots_share_one_driver_and_one_camera_and_name_what_is_missing(equipment, package):
    make = RobotFactory(equipment)
    first, second = make(TASK), make(get_task("writing"))
    assert isinstance(first, RealRobot)
    assert isinstance(second, RealRobot)
    assert first._driver is second._driver
    assert first._camera is second._camera is make.camera
    assert [each.task.key for each in (first, second)] == [TASK.key, get_task("writing").key]
    with pytest.raises(MissingDriver, match=package):
        first.connect()


def test_a_simulated_arm_looks_through_the_camera_where_there_is_one():
    assert type(RobotFactory(Equipment(simulation_speed=2.0))(TASK)) is SimulatedRobot
    make = RobotFactory(Equipment(camera=CAMERA))
    assert isinstance(make(TASK), FilmedRobot)
    assert make.camera is not None


@pytest.fixture(scope="module")
def scene():
    scene = TASK.build_scene()
    yield scene
    scene.close()


@pytest.fixture
def robot(scene, video_path):
    address = CameraAddress.parse(f"file:{video_path}?rate=0.001")
    with FilmedRobot(scene, OpenCvCamera(address, stale_after_s=600.0)) as robot:
        robot.prepare(TASK.layout()[4], SceneVariation.none())
        yield robot


class TestFilmedRobot(RobotContract):
    region = TASK.layout()[4]

    @pytest.fixture
    def robot(self, robot):
        return robot

    def lead(self, robot, joints):
        assert isinstance(robot, SimulatedRobot)
        for _ in range(50):
            robot.guide(joints)


def test_a_simulated_arm_is_seen_by_the_camera_of_its_cell(robot):
    assert isinstance(robot, FilmedRobot)
    assert robot.simulated
    red, green, blue = robot.observe(96)[10, 10]
    assert red > 200
    assert max(green, blue) < 60
    assert robot.outcome() is not None
