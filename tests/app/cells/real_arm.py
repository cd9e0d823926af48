"""A real arm in a cell, with stand-ins for frankapy and its control computer, and a film for its camera."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from app.cells.arm import Arm
from hndp_core.robots.camera_address import CameraAddress
from hndp_core.robots.franka import FrankapyDriver
from hndp_core.robots.opencv_camera import OpenCvCamera
from hndp_core.robots.real import RealRobot
from hndp_core.tasks import get_task
from hndp_core.tasks.task import Task
from tests.app.cells.free_guard import make_guard
from tests.film import write_film
from tests.hndp_core.robots import fake_frankapy
from tests.hndp_core.robots.fake_frankapy import JOINT_POSITION, ControlComputer

PATIENCE_S = 60.0
PANDA_HOME = np.array(get_task("scooping").home_joints)


@pytest.fixture
def computer(monkeypatch: pytest.MonkeyPatch) -> Iterator[ControlComputer]:
    computer = fake_frankapy.install(monkeypatch)
    computer.arm.push(PANDA_HOME)
    yield computer
    computer.cable.set()


@pytest.fixture
def film(tmp_path: Path) -> Path:
    return write_film(tmp_path / "film.avi")


@pytest.fixture
def camera(film: Path) -> Iterator[OpenCvCamera]:
    camera = OpenCvCamera(CameraAddress.parse(f"file:{film}?rate=50"), stale_after_s=60.0)
    yield camera
    camera.close()


@pytest.fixture
def make_robot(computer: ControlComputer, camera: OpenCvCamera) -> Callable[[Task], RealRobot]:
    """Makes the robot of a task; on a busy machine its stand-in takes its time to answer."""
    driver = FrankapyDriver()
    return lambda task: RealRobot(driver, camera, task, answer_timeout_s=30.0)


@pytest.fixture
def real_arm(make_robot: Callable[[Task], RealRobot]) -> Iterator[Arm]:
    """Connected, at home."""
    arm = Arm(make_robot, make_guard())
    arm.warm_up("scooping")
    yield arm
    arm.let_go()


def commanded(computer: ControlComputer) -> np.ndarray:
    """Joints that were sent (messages, 7)."""
    return np.array([content["joints"] for _, kind, content in computer.published if kind == JOINT_POSITION])


def until(holds: Callable[[], Any]) -> Any:
    """Wait until it holds; return what it returned."""
    deadline_s = time.monotonic() + PATIENCE_S
    while not (found := holds()):
        assert time.monotonic() < deadline_s
        time.sleep(0.01)
    return found
