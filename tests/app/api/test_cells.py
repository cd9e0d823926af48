"""Programs at a cell: its camera, its scenes, and what stays with the person who attends it."""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import cv2
import numpy as np
import pytest

from app.cells.arm import Arm
from app.cells.camera_service import offer_camera
from app.cells.lease import Operator
from app.cells.live_service import create_live_service
from app.cells.models import Cell
from app.platform.database import Database
from app.platform.stopping import StopSignal
from hndp_core.robots.opencv_camera import OpenCvCamera

from ..cells.conftest import GreyArm, GreyScene, make_guard, serve
from ..cells.real_arm import camera, film
from ..cells.test_acts import told_until, wait_for_scene
from ..cells.test_lease import BEN
from .conftest import Program

__all__ = ["camera", "film"]

KEY = "a key"


@pytest.fixture
def arm() -> Arm:
    """Of an attended cell."""
    return GreyArm(GreyScene(), make_guard(attended=True))


@pytest.fixture
def cell(arm: Arm, camera: OpenCvCamera, database: Database) -> Iterator[str]:
    """The path of that cell, which has a camera."""
    service = create_live_service(arm, KEY, StopSignal())
    offer_camera(service, arm, camera)
    for url in serve(service):
        with database.transaction() as session:
            row = Cell(name="north", robot="simulated", attended=True, service_url=url, service_key=KEY)
            session.add(row)
            session.flush()
            path = f"/cells/{row.id}"
        yield path


@pytest.fixture
def operator(program: Callable[[str], Program]) -> Program:
    return program("operator")


@contextmanager
def attended(arm: Arm, operator: Program) -> Iterator[int]:
    """The operator's page holds the arm and gives signs of life; yields its token."""
    user_id, over = operator.get("/users/me")["user"]["id"], threading.Event()
    token = arm.guard.take(Operator(user_id, "Operator", "tablet")).token

    def beat() -> None:
        while not over.wait(0.1):
            arm.guard.heartbeat(token, user_id)

    beating = threading.Thread(target=beat)
    beating.start()
    try:
        yield token
    finally:
        over.set()
        beating.join()


def looked_at(content: bytes) -> tuple[int, ...]:
    picture = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_COLOR)
    assert picture is not None
    return picture.shape


def test_the_camera_tells_how_it_does_and_gives_a_picture(
    operator: Program, cell: str, camera: OpenCvCamera
) -> None:
    closed = operator.get(f"{cell}/camera")
    assert (closed["up"], closed["state"], closed["age_s"]) == (True, "closed", None)
    camera.open()
    told = operator.get(f"{cell}/camera")
    assert (told["state"], told["resolution"], told["claimed_hz"]) == ("open", [160, 120], 50)
    assert told["age_s"] >= 0
    whole = operator.ask("GET", f"{cell}/camera/picture")
    assert (whole.headers["content-type"], whole.headers["cache-control"]) == ("image/jpeg", "no-store")
    assert looked_at(whole.content) == (120, 160, 3)
    policy = operator.ask("GET", f"{cell}/camera/picture", params={"view": "policy"})
    assert looked_at(policy.content) == (96, 96, 3)


def test_a_camera_of_a_cell_that_is_down_is_told_with_a_remedy(operator: Program, database: Database) -> None:
    with database.transaction() as session:
        session.add(Cell(name="south", robot="simulated"))
    told = operator.get("/cells/1/camera")
    assert (told["up"], "does not answer" in told["message"]) == (False, True)
    for path in ("/camera/picture", "/scene", "/scene/1/reference"):
        assert operator.ask("GET", f"/cells/1{path}").status_code == 503


def test_a_scene_is_matched_under_the_token_of_the_page_that_attends(
    operator: Program, cell: str, arm: Arm
) -> None:
    assert operator.get(f"{cell}/scene") == {"scene": None}
    with attended(arm, operator) as token, ThreadPoolExecutor(1) as job:
        waiting = job.submit(wait_for_scene, arm)
        while (scene := operator.get(f"{cell}/scene")["scene"]) is None:
            time.sleep(0.01)
        assert (scene["region"], scene["reference"], scene["outline"]) == ("T1", "trial", [[0.25, 0.5]])
        assert looked_at(operator.client.get(scene["picture"]).content) == (48, 64, 3)
        assert operator.get(f"{cell}/state")["lease"]["token"] == token
        path = f"{cell}/scene/{scene['number']}/matches"
        for said in ({}, {"token": token + 1}):
            assert operator.post(path, said).status_code == 409
        assert operator.post(f"{cell}/scene/99/matches", {"token": token}).status_code == 409
        assert not waiting.done()
        assert operator.post(path, {"token": token}).status_code == 200
        assert waiting.result(10) is not None


def test_a_press_needs_the_arm_of_who_presses(operator: Program, cell: str, arm: Arm) -> None:
    token = arm.guard.take(BEN).token
    refused = operator.post(f"{cell}/scene/1/matches", {"token": token})
    assert (refused.status_code, "Ben holds the arm now" in refused.json()["detail"]) == (409, True)


def test_no_program_stands_in_for_who_attends(operator: Program, cell: str, arm: Arm) -> None:
    refused = operator.post(f"{cell}/take", {"page": "script"})
    assert (refused.status_code, "no program stands in" in refused.json()["detail"]) == (409, True)
    with attended(arm, operator) as token:
        over = operator.post(f"{cell}/take", {"page": "script", "from_token": token})
        assert over.status_code == 409
        assert operator.get(f"{cell}/state")["lease"]["token"] == token
    arm.guard.stop("Ben", 2, "press")
    with operator.client.websocket_connect(f"{cell}/channel") as socket:
        told_until(socket, lambda told: told.get("lease") and not told["lease"]["alive"])
        socket.send_json({"act": "heartbeat", "token": token})
        assert "no program stands in" in told_until(socket, lambda told: "refused" in told)["refused"]
    for path in (f"{cell}/go_on", f"/api/v1{cell}/recover", f"/api/v1{cell}/scene/1/matches"):
        assert operator.client.post(path, json={"token": token}).status_code == 409, path
    assert arm.guard.forbids()
