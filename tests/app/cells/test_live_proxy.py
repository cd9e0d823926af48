"""The web side of a cell: what a cell's own service shows is passed on, and ends when either side goes."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator

import httpx
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from starlette.responses import StreamingResponse

from app.cells.models import Cell
from app.platform.database import Database
from tests.app.cells.conftest import serve

PICTURE = b"--frame\r\nContent-Type: image/jpeg\r\n\r\nJPEG\r\n"
WAIT_S = 10.0


class SmallCell:
    """A cell's live service that sends pictures until it is told to end, and counts who watches."""

    def __init__(self) -> None:
        self.watchers = 0
        self.pictures_left = 10_000
        self.service = FastAPI()
        self.service.add_api_route("/state", lambda: {"busy": True, "activity": "demonstration in T3"})
        self.service.add_api_route("/live.mjpg", self.stream)

    async def stream(self) -> StreamingResponse:
        return StreamingResponse(self.pictures(), media_type="multipart/x-mixed-replace; boundary=frame")

    async def pictures(self) -> AsyncIterator[bytes]:
        self.watchers += 1
        try:
            while self.pictures_left > 0:
                self.pictures_left -= 1
                yield PICTURE
                await asyncio.sleep(0.01)
        finally:
            self.watchers -= 1


@pytest.fixture
def small_cell() -> SmallCell:
    return SmallCell()


@pytest.fixture
def service_url(small_cell: SmallCell) -> Iterator[str]:
    yield from serve(small_cell.service)


@pytest.fixture
def studio_url(web_app: FastAPI) -> Iterator[str]:
    yield from serve(web_app)


@pytest.fixture
def cell_id(database: Database) -> int:
    with database.transaction() as session:
        cell = Cell(name="simulated", robot="simulated")
        session.add(cell)
        session.flush()
        return cell.id


def _answers_at(database: Database, cell_id: int, url: str) -> None:
    with database.transaction() as session:
        session.get_one(Cell, cell_id).service_url = url


def test_state_is_passed_on(client: TestClient, database: Database, cell_id: int, service_url: str) -> None:
    _answers_at(database, cell_id, service_url)
    state = client.get(f"/cells/{cell_id}/state").json()
    assert state == {"up": True, "busy": True, "activity": "demonstration in T3"}


def test_pictures_are_passed_on_until_the_cell_ends_them(
    client: TestClient, database: Database, cell_id: int, service_url: str, small_cell: SmallCell
) -> None:
    _answers_at(database, cell_id, service_url)
    small_cell.pictures_left = 3
    answer = client.get(f"/cells/{cell_id}/live.mjpg")
    assert answer.content == 3 * PICTURE
    assert answer.headers["content-type"] == "multipart/x-mixed-replace; boundary=frame"
    assert answer.headers["cache-control"] == "no-store"


def test_cell_is_left_when_the_browser_goes(
    client: TestClient,
    database: Database,
    cell_id: int,
    service_url: str,
    studio_url: str,
    small_cell: SmallCell,
) -> None:
    _answers_at(database, cell_id, service_url)
    with httpx.stream(
        "GET", f"{studio_url}/cells/{cell_id}/live.mjpg", cookies=dict(client.cookies)
    ) as answer:
        parts = answer.iter_raw()  # held: a dropped iterator would end the answer
        assert next(parts).startswith(b"--frame")
        assert small_cell.watchers == 1
    deadline = time.monotonic() + WAIT_S
    while small_cell.watchers and time.monotonic() < deadline:
        time.sleep(0.02)
    assert small_cell.watchers == 0


def test_pictures_end_once_who_looks_is_signed_out(
    client: TestClient,
    database: Database,
    cell_id: int,
    service_url: str,
    studio_url: str,
    small_cell: SmallCell,
) -> None:
    _answers_at(database, cell_id, service_url)
    with httpx.stream(
        "GET", f"{studio_url}/cells/{cell_id}/live.mjpg", cookies=dict(client.cookies)
    ) as answer:
        parts = answer.iter_raw()
        assert next(parts).startswith(b"--frame")
        client.post("/sign-out")
        deadline = time.monotonic() + WAIT_S
        for _ in parts:
            assert time.monotonic() < deadline
    assert small_cell.pictures_left > 0


@pytest.mark.parametrize("url", [None, "http://127.0.0.1:9", "http://"])
def test_cell_that_is_down_is_told_with_its_remedy(
    client: TestClient, database: Database, cell_id: int, url: str | None
) -> None:
    with database.transaction() as session:
        cell = session.get_one(Cell, cell_id)
        cell.service_url, cell.fault = url, "There is no OpenGL: install libegl1."
    state = client.get(f"/cells/{cell_id}/state").json()
    assert not state["up"]
    assert "install libegl1" in state["message"]
    refused = client.get(f"/cells/{cell_id}/live.mjpg")
    assert refused.status_code == 503
    assert "install libegl1" in refused.text
    assert "install libegl1" in client.get(f"/cells/{cell_id}").text


def test_unknown_cell_is_not_found(client: TestClient) -> None:
    for page in ("", "/state", "/live.mjpg"):
        assert client.get(f"/cells/99{page}").status_code == 404


def test_cells_are_listed_or_said_how_to_start_one(client: TestClient, database: Database) -> None:
    assert "hndp cell" in client.get("/cells").text
    with database.transaction() as session:
        session.add(Cell(name="north", robot="simulated"))
    assert "north" in client.get("/cells").text
