"""Demonstrations in a real browser: recording, looking, accepting, redoing, the bin; and the cell's page."""

import re
import socket
import threading
from collections.abc import Iterator

import numpy as np
import pytest
import uvicorn
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import select

from app.cells.live_service import create_live_service
from app.cells.models import Cell
from app.demonstrations.models import Demonstration
from app.platform.stopping import StopSignal

from .conftest import Studio

VALUES = re.compile(r"\d\.\d\d s: commanded -?\d\.\d{3}, measured -?\d\.\d{3}")


@pytest.fixture
def experiment(studio: Studio) -> int:
    return studio.seed(iterations_done=0, demonstrated=2, train=3, held_out=1)


@pytest.fixture
def board(page: Page, studio: Studio, experiment: int) -> Page:
    page.goto(f"{studio.url}/experiments/{experiment}/demonstrations")
    return page


def _card(page: Page, region: str) -> Locator:
    return page.locator(".demonstration-card[sse-swap]").filter(
        has=page.get_by_role("heading", name=region, exact=True)
    )


def _change(studio: Studio, region: str, **values: object) -> int:
    """Change the latest demonstration of a region behind the page's back, as the cell does; return its id."""
    with studio.database.transaction() as session:
        rows = session.scalars(select(Demonstration).order_by(Demonstration.take.desc()))
        row = next(each for each in rows if each.region.name == region)
        for name, value in values.items():
            setattr(row, name, value)
        return row.id


def _record(studio: Studio, region: str) -> int:
    """End the recording in a region, with the files of another demonstration; return its id."""
    with studio.database.reading() as session:
        other = session.scalars(select(Demonstration).where(Demonstration.sha256.is_not(None))).first()
        assert other is not None
    return _change(studio, region, status="recorded", artefact_key=other.artefact_key, sha256=other.sha256)


def test_owed_are_recorded_and_the_board_follows(board: Page, studio: Studio) -> None:
    expect(_card(board, "T3")).to_contain_text("Owed")
    board.get_by_role("button", name="Record all owed (1)").click()
    expect(board.locator(".toast")).to_contain_text("1 recording queued")
    expect(_card(board, "T3")).to_contain_text("Waits for the arm")
    _change(studio, "T3", status="recording")
    expect(_card(board, "T3")).to_contain_text("Being recorded")
    expect(board.get_by_text("2 of 3 recorded, 1 to go")).to_be_visible()
    _record(studio, "T3")
    _card(board, "T3").get_by_role("button", name="Accept").click()
    expect(_card(board, "T3")).to_contain_text("Accepted")
    expect(board.get_by_role("button", name="Go on: start the refinement")).to_be_visible()


def test_news_that_replace_a_pressed_button_do_not_swallow_the_click(board: Page, studio: Studio) -> None:
    button = board.get_by_role("button", name="Record all owed")
    button.hover()
    board.mouse.down()
    pressed = button.element_handle()
    _change(studio, "T2", status="recording")  # news for the part that holds the button
    expect(board.locator("#acts")).to_contain_text("1 to go")
    assert not pressed.evaluate("(button) => button.isConnected")
    board.mouse.up()
    expect(board.locator(".toast")).to_contain_text("1 recording queued")


def test_bin_and_undo(board: Page) -> None:
    _card(board, "T2").get_by_role("button", name="Bin").click()
    expect(_card(board, "T2")).to_contain_text("Owed")
    board.locator(".toast").get_by_role("button", name="Undo").click()
    expect(_card(board, "T2")).to_contain_text("Accepted")


def test_binned_take_is_brought_back(board: Page) -> None:
    board.get_by_text("Bin (1)").click()
    board.get_by_role("button", name="Bring back").click()
    expect(board.locator(".toast")).to_contain_text("waits to be accepted")
    expect(_card(board, "T1")).to_contain_text("take 1, recorded")


def test_demonstration_is_looked_at_and_redone_by_key(page: Page, studio: Studio, experiment: int) -> None:
    row = _change(studio, "T2", warning="Joint 2 reaches 95% of its velocity limit")
    page.goto(f"{studio.url}/demonstrations/{row}")
    expect(page.get_by_text("Joint 2 reaches 95%")).to_be_visible()
    expect(page.locator("video[data-speed]")).to_have_js_property("playbackRate", 2)
    charts = page.locator(".joint .u-over")
    expect(charts).to_have_count(7)
    charts.first.hover()
    for joint in range(7):  # one cursor for all
        expect(page.locator(".joint output").nth(joint)).to_have_text(VALUES)
    page.keyboard.press("r")
    expect(page.get_by_role("heading", name="Waits for the arm")).to_be_visible()
    new = _record(studio, "T2")
    expect(page).to_have_url(f"{studio.url}/demonstrations/{new}")
    expect(page.locator(".joint .u-over")).to_have_count(7)
    page.get_by_role("button", name="Accept").click()
    expect(page.locator("#demonstration .badge").first).to_have_text("Accepted")


class _PicturedArm:
    """Stands for the arm of a cell: one grey picture, and something to do."""

    def picture(self) -> np.ndarray:
        return np.full((240, 320, 3), 120, np.uint8)

    def state(self) -> dict[str, object]:
        return {"busy": True, "activity": "demonstration in T3", "experiment_id": 1, "joints": [0.0] * 7}


@pytest.fixture
def live_cell(studio: Studio, experiment: int) -> Iterator[int]:
    """The cell's live service, running; the cell's id."""
    stop = StopSignal()
    listener = socket.create_server(("127.0.0.1", 0))
    service = create_live_service(_PicturedArm(), stop)  # type: ignore[arg-type]
    server = uvicorn.Server(uvicorn.Config(service, log_level="error", timeout_graceful_shutdown=1))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    with studio.database.transaction() as session:
        cell = session.scalars(select(Cell)).one()
        cell.service_url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    yield cell.id
    server.should_exit = True
    thread.join(5)
    listener.close()


def test_live_picture_runs_while_the_cell_answers(
    page: Page, studio: Studio, experiment: int, live_cell: int
) -> None:
    page.goto(f"{studio.url}/cells/{live_cell}", wait_until="commit")
    picture = page.get_by_alt_text("Live picture of the simulated camera")
    expect(picture).to_be_visible()
    expect(picture).to_have_js_property("naturalWidth", 320)
    expect(page.get_by_text("demonstration in T3")).to_be_visible()
    with studio.database.transaction() as session:
        session.get_one(Cell, live_cell).service_url = "http://127.0.0.1:9"
    expect(page.get_by_text("does not answer")).to_be_visible()
    expect(picture).to_be_hidden()
