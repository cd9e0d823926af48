"""The page on which a person guides, and who may open its channel."""

import re

import numpy as np
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select, update
from starlette.websockets import WebSocketDisconnect

from app.accounts.models import User
from app.cells.models import Cell
from app.demonstrations.motions import store_motion
from app.experiments.models import Region
from app.platform.model import now
from app.platform.settings import Settings
from hndp_core.data.joint_recording import JointRecording

from .conftest import Draft


def _region(draft: Draft, name: str) -> int:
    with draft.database.reading() as session:
        return session.scalars(select(Region.id).where(Region.name == name)).one()


def test_the_board_leads_to_the_page_and_the_page_says_how_it_is_done(draft: Draft) -> None:
    path = f"/regions/{_region(draft, 'T3')}/guide"
    assert f'href="{path}"' in draft.client.get(draft.page).text
    page = draft.client.get(path).text
    assert "simulated robot" in page
    assert "Snap to the floor of the bowl" in page
    assert "at least one almond is in the raised spoon" in page


def test_after_the_start_there_is_nothing_to_guide(draft: Draft) -> None:
    draft.start()
    page = draft.client.get(f"/regions/{_region(draft, 'T3')}/guide").text
    assert "The refinement has started" in page
    assert 'id="guide"' not in page
    assert "Guide by hand" not in draft.client.get(draft.page).text


def test_viewers_get_nothing_to_guide_with(draft: Draft) -> None:
    with draft.database.transaction() as session:
        for user in session.scalars(select(User)):
            user.role = "viewer"
    page = draft.client.get(f"/regions/{_region(draft, 'T3')}/guide").text
    assert "Viewers look on" in page
    assert 'id="guide"' not in page


def test_held_out_regions_are_never_demonstrated(draft: Draft) -> None:
    assert draft.client.get(f"/regions/{_region(draft, 'H1')}/guide").status_code == 404


def test_a_real_arm_is_guided_where_it_stands(draft: Draft) -> None:
    with draft.database.transaction() as session:
        session.scalars(select(Cell)).one().robot = "franka"
    page = draft.client.get(f"/regions/{_region(draft, 'T3')}/guide").text
    assert "simulated robot" not in page
    assert "the arm gives way: hold it" in page
    assert 'data-pedal="pagedown enter"' in page
    board = draft.client.get(draft.page).text
    assert "Record all owed" not in board
    assert f'href="/regions/{_region(draft, "T3")}/guide"' in board


def test_nothing_real_is_demonstrated_by_the_scripted_teacher(draft: Draft) -> None:
    with draft.database.transaction() as session:
        session.scalars(select(Cell)).one().robot = "franka"
    refused = draft.client.post(f"{draft.page}/record-owed", headers={"accept": "application/json"})
    assert refused.status_code == 409
    assert "Guide the arm by hand, or import a motion" in refused.json()["error"]
    assert draft.jobs() == []


def test_the_page_of_a_motion_shows_the_scene_in_which_a_hand_led_the_arm(
    draft: Draft, settings: Settings
) -> None:
    with draft.database.transaction() as session:
        motion = store_motion(
            session,
            settings.artefacts,
            region=session.get_one(Region, _region(draft, "T3")),
            user=session.scalars(select(User)).one(),
            recording=JointRecording(np.arange(50) / 50, np.linspace(0, 0.1, 350).reshape(50, 7)),
            source="guided",
            name="by hand",
        )
        page = f"/motions/{motion.id}"
        assert "The scene as the recording began" not in draft.client.get(page).text
        settings.artefacts.write(motion.start_image_key, b"a picture")
    shown = re.search(r'src="(/artefacts/motions/[^"]+)"', draft.client.get(page).text)
    assert shown is not None
    assert draft.client.get(shown[1]).content == b"a picture"


def test_the_channel_tells_that_the_cell_is_silent(draft: Draft) -> None:
    with draft.client.websocket_connect(f"/regions/{_region(draft, 'T3')}/guide/channel") as socket:
        socket.send_json({"act": "begin", "token": None})
        assert "does not answer" in socket.receive_json()["refused"]
        socket.send_json({"act": "fly"})
        assert "does not understand" in socket.receive_json()["refused"]


@pytest.mark.parametrize("lost", [{"role": "viewer"}, {"deactivated_at": now()}], ids=["role", "account"])
def test_who_may_guide_no_longer_loses_the_channel(
    draft: Draft, lost: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.accounts.open_connections.LOOK_EVERY_S", 0.02)
    monkeypatch.setattr("app.accounts.open_connections.ASK_EVERY_S", 0.02)
    with draft.client.websocket_connect(f"/regions/{_region(draft, 'T3')}/guide/channel") as socket:
        with draft.database.transaction() as session:
            session.execute(update(User).values(**lost))
        with pytest.raises(WebSocketDisconnect) as closed:
            socket.receive_json()
    assert closed.value.code == 4401


@pytest.mark.parametrize("stranger", ["viewer", "other site", "unknown region"])
def test_the_channel_is_for_operators_alone(draft: Draft, stranger: str) -> None:
    client: TestClient = draft.client
    region_id, headers = _region(draft, "T3"), {}
    if stranger == "viewer":
        with draft.database.transaction() as session:
            for user in session.scalars(select(User)):
                user.role = "viewer"
    elif stranger == "other site":
        headers = {"Origin": "https://elsewhere.example"}
    else:
        region_id = 999
    with (
        pytest.raises(WebSocketDisconnect),
        client.websocket_connect(f"/regions/{region_id}/guide/channel", headers=headers),
    ):
        pass
