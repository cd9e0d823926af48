"""The page on which a person guides, and who may open its channel."""

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select
from starlette.websockets import WebSocketDisconnect

from app.accounts.models import User
from app.cells.models import Cell
from app.experiments.models import Region

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
    answer = draft.client.get(f"/regions/{_region(draft, 'T3')}/guide")
    assert answer.status_code == 409
    assert "where it stands" in answer.text


def test_the_channel_tells_that_the_cell_is_silent(draft: Draft) -> None:
    with draft.client.websocket_connect(f"/regions/{_region(draft, 'T3')}/guide/channel") as socket:
        socket.send_json({"act": "begin", "token": None})
        assert "does not answer" in socket.receive_json()["refused"]
        socket.send_json({"act": "fly"})
        assert "does not understand" in socket.receive_json()["refused"]


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
