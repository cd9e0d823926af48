"""What a cell shows while its arm rests and moves."""

import socket
import time

import cv2
import httpx
import numpy as np
import pytest
from fastapi.testclient import TestClient

from app.cells.arm import Activity, Arm
from app.cells.live_service import KEY_HEADER, create_live_service, serve_live
from app.platform.stopping import StopSignal
from hndp_core.robots.equipment import Equipment, RobotFactory
from tests.app.cells.conftest import GreyArm, GreyScene, make_guard

KEY = "a key"
WITH_KEY = {KEY_HEADER: KEY}


@pytest.fixture
def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


@pytest.fixture
def arm() -> Arm:
    return GreyArm(GreyScene())


def test_the_state_says_whether_and_for_whom_the_arm_is_busy(arm):
    with TestClient(create_live_service(arm, KEY, StopSignal()), headers=WITH_KEY) as client:
        assert client.get("/state").json()["busy"] is False
        with arm.use("scooping", Activity("gate trial in T1", 7)):
            state = client.get("/state").json()
        assert (state["busy"], state["activity"], state["experiment_id"]) == (True, "gate trial in T1", 7)
        assert len(state["joints"]) == 7
        assert client.get("/state").json()["busy"] is False


def test_a_still_picture_is_a_jpeg(arm):
    with TestClient(create_live_service(arm, KEY, StopSignal()), headers=WITH_KEY) as client:
        answer = client.get("/live.jpg")
        assert answer.headers["content-type"] == "image/jpeg"
        picture = cv2.imdecode(np.frombuffer(answer.content, np.uint8), cv2.IMREAD_COLOR)
        assert picture is not None
        assert picture.shape == (240, 320, 3)


def test_a_cell_without_a_scene_has_no_picture_yet():
    service = create_live_service(Arm(RobotFactory(Equipment()), make_guard()), KEY, StopSignal())
    with TestClient(service, headers=WITH_KEY) as client:
        assert client.get("/live.jpg").status_code == 503
        assert client.get("/state").json()["joints"] is None


@pytest.mark.parametrize("key", ["", "another key"])
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/state"),
        ("GET", "/live.jpg"),
        ("GET", "/live.mjpg"),
        *(("POST", path) for path in ("/stop", "/heartbeat", "/take", "/release", "/go_on", "/recover")),
    ],
)
def test_nobody_without_the_key_sees_or_does_anything(arm, method, path, key):
    asked = {"user_id": 1, "name": "Ada", "press": "p", "page": "p", "token": 1}
    with TestClient(create_live_service(arm, KEY, StopSignal()), headers={KEY_HEADER: key}) as client:
        assert client.request(method, path, json=asked if method == "POST" else None).status_code == 401
    assert arm.state()["motion"] == "ready"
    assert arm.state()["lease"] is None


def test_recovery_brings_the_stopped_arm_home(arm):
    arm.guard.stop("Ada", 1, "press")
    with TestClient(create_live_service(arm, KEY, StopSignal()), headers=WITH_KEY) as client:
        assert client.get("/state").json()["motion"] == "stopped"
        assert client.post("/recover", json={"user_id": 1}).status_code == 200
        deadline = time.monotonic() + 10
        while client.get("/state").json()["motion"] != "ready" and time.monotonic() < deadline:
            time.sleep(0.01)
        assert client.get("/state").json()["motion"] == "ready"


def test_the_stream_moves_on_and_ends_with_the_process(arm, free_port):
    stop = StopSignal()
    server = serve_live(create_live_service(arm, KEY, stop), "127.0.0.1", free_port)
    while not server.started:
        time.sleep(0.02)
    began = time.monotonic()
    with httpx.stream("GET", f"http://127.0.0.1:{free_port}/live.mjpg", headers=WITH_KEY) as answer:
        pictures = 0
        for part in answer.iter_bytes():
            pictures += part.count(b"--frame")
            if pictures >= 3 and not stop.asked:
                took_s = time.monotonic() - began
                stop.ask()
    assert took_s > 0.1, "more than twelve pictures a second"
    server.should_exit = True
    deadline = time.monotonic() + 5
    while any(each.is_serving() for each in server.servers) and time.monotonic() < deadline:
        time.sleep(0.02)
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"http://127.0.0.1:{free_port}/state")


def test_the_process_can_wait_until_the_arm_rests(arm):
    with arm.use("scooping", Activity("first", 1)):
        assert not arm.rest(timeout_s=0.05)
    assert arm.rest(timeout_s=0.05)


def test_the_state_is_told_while_one_scene_gives_way_to_another(arm):
    arm._robot.disconnect()
    assert arm.state()["joints"] is None
