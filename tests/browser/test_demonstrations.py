"""Demonstrations in a real browser: recording, looking, accepting, redoing, the bin."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import select

from app.demonstrations.models import Demonstration

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
