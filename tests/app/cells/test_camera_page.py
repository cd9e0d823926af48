"""The cell's camera: looked after by the cell, shown on its page."""

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
from fastapi.testclient import TestClient

from app.cells.camera_service import offer_camera
from app.cells.camera_watch import CameraWatch
from app.cells.live_service import create_live_service
from app.cells.models import Cell
from app.platform.database import Database
from app.platform.stopping import StopSignal
from hndp_core.robots.camera import Camera
from hndp_core.robots.opencv_camera import OpenCvCamera
from tests.app.cells.conftest import GreyArm, GreyScene, make_guard, serve

KEY = "a key"


def registered(database: Database, url: str) -> str:
    """The path of a cell whose service answers at the address."""
    with database.transaction() as session:
        cell = Cell(name="north", robot="simulated", service_url=url, service_key=KEY)
        session.add(cell)
        session.flush()
        return f"/cells/{cell.id}"


@pytest.fixture
def cell_path(request: pytest.FixtureRequest, database: Database) -> Iterator[str]:
    """A cell with a camera, or, by its parameter, with a rendered one."""
    rendered = getattr(request, "param", None) == "rendered"
    camera: Camera | None = None if rendered else request.getfixturevalue("camera")
    arm = GreyArm(GreyScene())
    service = create_live_service(arm, KEY, StopSignal())
    offer_camera(service, arm, camera)
    for url in serve(service):
        yield registered(database, url)


def looked_at(content: bytes) -> np.ndarray:
    picture = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR)
    assert picture is not None
    return picture


def test_the_page_shows_how_the_camera_does(client: TestClient, cell_path: str, camera: OpenCvCamera) -> None:
    assert "not in use" in client.get(f"{cell_path}/camera").text
    camera.open()
    page = client.get(f"{cell_path}/camera").text
    assert "160 x 120 pixels" in page
    assert "(it claims 50)" in page
    assert "film.avi" in page
    assert looked_at(client.get(f"{cell_path}/camera/picture.jpg").content).shape == (120, 160, 3)
    assert looked_at(client.get(f"{cell_path}/camera/picture.jpg?view=policy").content).shape == (96, 96, 3)
    assert f'href="{cell_path}/camera"' in client.get(cell_path).text


def test_a_camera_without_pictures_says_what_to_do(
    client: TestClient, cell_path: str, camera: OpenCvCamera, film: Path
) -> None:
    film.rename(film.with_name("away.avi"))
    with pytest.raises(Exception, match="cannot be opened"):
        camera.open()
    assert "Look whether the file is there" in client.get(f"{cell_path}/camera/condition").text
    answer = client.get(f"{cell_path}/camera/picture.jpg", headers={"accept": "application/json"})
    assert answer.status_code == 503
    assert "cannot be opened" in answer.json()["error"]


@pytest.mark.parametrize("cell_path", ["rendered"], indirect=True)
def test_a_rendered_camera_needs_nothing(client: TestClient, cell_path: str) -> None:
    page = client.get(f"{cell_path}/camera").text
    assert "The simulator draws the pictures" in page
    assert "What policies see" not in page
    assert looked_at(client.get(f"{cell_path}/camera/picture.jpg").content).shape == (240, 320, 3)


def test_a_cell_that_is_silent_says_so(client: TestClient, database: Database) -> None:
    path = registered(database, "http://127.0.0.1:1")
    assert "does not answer" in client.get(f"{path}/camera").text
    assert client.get(f"{path}/camera/picture.jpg").status_code == 503


def test_the_watch_holds_the_arm_without_a_picture_and_finds_the_camera_again(
    camera: OpenCvCamera, film: Path
) -> None:
    guard = make_guard()
    watch = CameraWatch(camera, guard)
    assert watch.look(), "a camera that nobody uses is no fault"
    assert guard.motion_and_reason == ("ready", "")
    camera.open()
    assert watch.look()
    away = film.rename(film.with_name("away.avi"))
    while watch.look():
        pass
    assert guard.motion_and_reason[0] == "blind"
    assert "film.avi is lost" in guard.motion_and_reason[1]
    assert not watch.look()
    away.rename(film)
    assert watch.look()
    assert guard.motion_and_reason == ("ready", "")
