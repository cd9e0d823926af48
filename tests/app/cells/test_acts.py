"""Browser, web process and a cell's own service: who may move the arm, and who may stop it."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from starlette.websockets import WebSocketDisconnect

from app.accounts.models import User
from app.cells.arm import Arm
from app.cells.live_service import create_live_service
from app.cells.models import Cell
from app.cells.scene_desk import Reference, SceneOrder
from app.platform.model import now
from app.platform.stopping import StopSignal
from hndp_core.data.images import decode_image
from hndp_core.tasks import Region
from tests.app.cells.conftest import GreyArm, GreyScene, make_guard, serve
from tests.app.cells.test_lease import BEN

KEY = "a key"


@pytest.fixture
def arm() -> Arm:
    return GreyArm(GreyScene(), make_guard(attended=True))


@pytest.fixture
def service_url(arm: Arm) -> Iterator[str]:
    yield from serve(create_live_service(arm, KEY, StopSignal()))


@pytest.fixture
def cell_id(database, service_url) -> int:
    with database.transaction() as session:
        cell = Cell(name="north", robot="simulated", service_url=service_url, service_key=KEY)
        session.add(cell)
        session.flush()
        return cell.id


@pytest.fixture
def cell(cell_id) -> str:
    return f"/cells/{cell_id}"


def told_until(socket, wanted):
    """The first message that fits; the state comes ten times a second."""
    for _ in range(100):
        message = socket.receive_json()
        if wanted(message):
            return message
    raise AssertionError(f"no such message; the last one was {message}")


def test_an_operator_takes_the_arm_and_hands_it_back(client, cell, arm):
    taken = client.post(f"{cell}/take", json={"page": "tablet"}).json()
    assert (taken["motion"], taken["lease"]["holder"]) == ("ready", "Operator")
    left = client.post(f"{cell}/release", json={"token": taken["token"]}).json()
    assert (left["motion"], left["lease"]) == ("unattended", None)


def test_a_taken_arm_is_refused_by_name_and_taken_over_on_purpose(client, cell, arm):
    token = arm.guard.take(BEN).token
    refused = client.post(f"{cell}/take", json={"page": "tablet"}, headers={"accept": "application/json"})
    assert refused.status_code == 409
    assert "Ben holds the arm" in refused.json()["error"]
    taken = client.post(f"{cell}/take", json={"page": "tablet", "from_token": token}).json()
    assert taken["lease"]["holder"] == "Operator"
    assert taken["token"] > token


@pytest.mark.parametrize("act", ["release", "go_on", "recover"])
def test_an_act_under_an_old_token_is_refused(client, cell, arm, act):
    token = client.post(f"{cell}/take", json={"page": "tablet"}).json()["token"]
    arm.guard.take_over(BEN, token)
    arm.guard.stop("Ben", BEN.user_id, "press")
    refused = client.post(f"{cell}/{act}", json={"token": token}, headers={"accept": "application/json"})
    assert refused.status_code == 409
    assert "Ben holds the arm now" in refused.json()["error"]
    assert arm.state()["motion"] == "stopped"


def test_a_scene_is_compared_and_matched_through_the_web_process(client, sign_in, cell, arm, cell_id):
    token = client.post(f"{cell}/take", json={"page": "tablet"}).json()["token"]
    with client.websocket_connect(f"{cell}/channel") as socket, ThreadPoolExecutor(1) as job:

        def alive(told):
            socket.send_json({"act": "heartbeat", "token": token})
            return told.get("scene")

        waiting = job.submit(wait_for_scene, arm)
        scene = told_until(socket, alive)["scene"]
        assert (scene["region"], scene["reference"], scene["outline"]) == ("T1", "trial", [[0.25, 0.5]])
        picture = client.get(f"{cell}/scene/{scene['number']}.jpg")
        assert decode_image(picture.content).shape == (48, 64, 3)
        assert client.get(f"{cell}/scene/99.jpg").status_code == 404
        pressed = {"token": token, "scene": scene["number"]}
        assert sign_in("Vera", "viewer").post(f"{cell}/scene_matches", json=pressed).status_code == 403
        assert client.post(f"{cell}/scene_matches", json={**pressed, "scene": 99}).status_code == 409
        assert client.post(f"{cell}/scene_matches", json=pressed).status_code == 200
        assert waiting.result(10) == 1
    page = client.get(f"{cell}/watch").text
    assert "data-matches" in page
    assert "data-matches" not in sign_in("Vera", "viewer").get(f"{cell}/watch").text


def wait_for_scene(arm: Arm) -> int | None:
    """As a job does it."""
    order = SceneOrder(
        title="gate trial in T1",
        experiment_id=1,
        region=Region(1, "train", 0.6, 0.0),
        what="Put the bowl there.",
        reference=Reference(np.zeros((48, 64, 3), np.uint8), "trial"),
        outline=np.array([[0.25, 0.5]]),
        simulated=True,
    )
    with arm.guard.undisturbed():
        return arm.scenes.wait_until_matches(order, lambda: False)


def test_whoever_is_signed_in_stops_and_only_operators_move(sign_in, cell, arm, anonymous):
    assert anonymous.post(f"{cell}/stop", json={"press": "p0"}).status_code in (303, 401)
    assert arm.state()["motion"] == "unattended"
    viewer = sign_in("Vera", "viewer")
    assert viewer.post(f"{cell}/take", json={"page": "tv"}).status_code == 403
    assert viewer.post(f"{cell}/stop", json={"press": "p1"}).json()["motion"] == "stopped"
    assert viewer.post(f"{cell}/recover", json={"token": None}).status_code == 403


def test_the_channel_shows_the_state_and_carries_a_stop(client, cell, arm):
    with client.websocket_connect(f"{cell}/channel") as socket:
        assert told_until(socket, lambda told: told.get("up"))["motion"] == "unattended"
        socket.send_json({"act": "stop", "press": "p1"})
        assert (
            "Operator stopped motion" in told_until(socket, lambda told: told["motion"] == "stopped")["note"]
        )
        socket.send_json({"act": "dance"})
        assert "does not understand" in told_until(socket, lambda told: "refused" in told)["refused"]


def test_signs_of_life_keep_the_arm_and_an_old_token_is_told_so(client, cell, arm):
    token = client.post(f"{cell}/take", json={"page": "tablet"}).json()["token"]
    with client.websocket_connect(f"{cell}/channel") as socket:
        socket.send_json({"act": "heartbeat", "token": token})
        told_until(socket, lambda told: told["lease"]["token"] == token)
        arm.guard.take_over(BEN, token)
        socket.send_json({"act": "heartbeat", "token": token})
        assert "Ben holds the arm now" in told_until(socket, lambda told: "refused" in told)["refused"]


def test_the_channel_closes_once_its_user_is_signed_out(client, cell, database, user, monkeypatch):
    monkeypatch.setattr("app.accounts.open_connections.LOOK_EVERY_S", 0.02)
    monkeypatch.setattr("app.accounts.open_connections.ASK_EVERY_S", 0.02)
    with client.websocket_connect(f"{cell}/channel") as socket:
        told_until(socket, lambda told: told.get("up"))
        with database.transaction() as session:
            session.get_one(User, user.id).deactivated_at = now()
        with pytest.raises(WebSocketDisconnect) as closed:
            told_until(socket, lambda told: False)
    assert closed.value.code == 4401


def test_the_channel_finds_a_cell_that_came_back_under_another_key(client, cell, cell_id, database):
    with database.transaction() as session:
        session.get_one(Cell, cell_id).service_key = "an old key"
    with client.websocket_connect(f"{cell}/channel") as socket:
        assert "does not answer" in told_until(socket, lambda told: not told["up"])["message"]
        with database.transaction() as session:
            session.get_one(Cell, cell_id).service_key = KEY
        assert told_until(socket, lambda told: told["up"])["motion"] == "unattended"


@pytest.mark.parametrize("headers", [{"origin": "https://evil.example"}, {"sec-fetch-site": "cross-site"}])
def test_no_page_of_another_site_opens_a_channel(client, cell, headers):
    with (
        pytest.raises(WebSocketDisconnect) as refused,
        client.websocket_connect(f"{cell}/channel", headers=headers),
    ):
        pass
    assert refused.value.code == 4403


def test_nobody_opens_a_channel_without_a_sign_in_or_a_cell(anonymous, client, cell):
    for browser, path, code in ((anonymous, cell, 4401), (client, "/cells/99", 4404)):
        with pytest.raises(WebSocketDisconnect) as refused, browser.websocket_connect(f"{path}/channel"):
            pass
        assert refused.value.code == code
