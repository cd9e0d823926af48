"""A cell's page in a real browser: its picture, who holds the arm, "stop motion" by button and key."""

import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, Page, expect

from app.accounts.service import ensure_user, issue_sign_in_token
from app.cells.journal import Journal
from app.cells.live_service import create_live_service
from app.cells.models import Cell
from app.platform.stopping import StopSignal
from tests.app.cells.conftest import GreyArm, GreyScene, make_guard, serve

from .conftest import Studio

KEY = "a key"


@dataclass(frozen=True)
class CellUnderTest:
    """An attended cell with a stand-in scene; its page, and how to make its process end."""

    arm: GreyArm
    url: str
    end: Callable[[], None]


@pytest.fixture
def cell(studio: Studio) -> Iterator[CellUnderTest]:
    with studio.database.transaction() as session:
        row = Cell(name="north", robot="simulated", service_key=KEY, attended=True)
        session.add(row)
        session.flush()
    journal = Journal(studio.database, row.id)
    guard = make_guard(attended=True, issue_token=journal.issue_token, report=journal.report)
    journal.start(lambda: guard.motion_and_reason)
    arm, stop = GreyArm(GreyScene(), guard), StopSignal()
    serving = serve(create_live_service(arm, KEY, stop))
    with studio.database.transaction() as session:
        session.get_one(Cell, row.id).service_url = next(serving)

    def end() -> None:
        stop.ask()
        next(serving, None)

    yield CellUnderTest(arm, f"{studio.url}/cells/{row.id}", end)
    end()
    journal.stop()


@pytest.fixture
def other_page(browser: Browser, studio: Studio) -> Iterator[Page]:
    """A page of somebody else, at another browser."""
    with studio.database.transaction() as session:
        token = issue_sign_in_token(session, ensure_user(session, "Ben", "operator"), valid_minutes=5)
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{studio.url}/sign-in?token={token}", wait_until="commit")
    yield page
    context.close()


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name).click()


def state_of(page: Page):
    return page.locator(".stop-state")


def test_the_picture_runs_while_the_cell_answers(page: Page, cell: CellUnderTest) -> None:
    page.goto(cell.url, wait_until="commit")
    picture = page.get_by_alt_text("Live picture of the simulated camera")
    expect(picture).to_be_visible()
    expect(picture).to_have_js_property("naturalWidth", 320)
    ending = threading.Thread(target=cell.end)
    ending.start()
    expect(state_of(page)).to_contain_text("Cell north does not answer")
    expect(picture).to_be_hidden()
    ending.join()


def test_an_operator_takes_the_arm_stops_it_and_sends_it_home(page: Page, cell: CellUnderTest) -> None:
    page.goto(cell.url, wait_until="commit")
    expect(state_of(page)).to_contain_text("Nobody holds the arm: nothing moves")
    press(page, "Take the arm")
    expect(state_of(page)).to_contain_text("You hold the arm")
    page.keyboard.press("Escape")
    expect(state_of(page)).to_contain_text("Operator stopped motion")
    assert cell.arm.guard.forbids()
    press(page, "Recover: home slowly")
    expect(state_of(page)).to_contain_text("Free")
    press(page, "Hand the arm back")
    expect(state_of(page)).to_contain_text("Nobody holds the arm")
    audit = page.locator(".cell-events")
    for line in ("took the arm", "stopped motion", "sent the arm home", "handed the arm back"):
        expect(audit).to_contain_text(f"Operator {line}")


def test_the_button_stops_without_holding_the_arm(page: Page, cell: CellUnderTest) -> None:
    page.goto(cell.url, wait_until="commit")
    expect(state_of(page)).to_contain_text("Nobody holds the arm")
    page.get_by_role("button", name=re.compile("Stop motion")).click()
    expect(state_of(page)).to_contain_text("Operator stopped motion")


def test_a_takeover_is_confirmed_and_seen_by_both(page: Page, other_page: Page, cell: CellUnderTest) -> None:
    page.goto(cell.url, wait_until="commit")
    press(page, "Take the arm")
    expect(state_of(page)).to_contain_text("You hold the arm")
    other_page.goto(cell.url, wait_until="commit")
    expect(state_of(other_page)).to_contain_text("Operator holds the arm")
    press(other_page, "Take over")
    dialog = other_page.get_by_role("dialog")
    expect(dialog).to_contain_text("Take the arm over from Operator?")
    other_page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    assert not cell.arm.guard.forbids(), "Esc closed the question; it was no stop"
    press(other_page, "Take over")
    press(other_page, "Take the arm over")
    expect(state_of(other_page)).to_contain_text("You hold the arm")
    expect(page.locator(".toast")).to_contain_text("Ben holds the arm now")
    expect(state_of(page)).to_contain_text("Ben holds the arm")


def test_a_page_that_is_closed_makes_the_arm_hold(page: Page, other_page: Page, cell: CellUnderTest) -> None:
    other_page.goto(cell.url, wait_until="commit")
    press(other_page, "Take the arm")
    expect(state_of(other_page)).to_contain_text("You hold the arm")
    page.goto(cell.url, wait_until="commit")
    expect(state_of(page)).to_contain_text("Ben holds the arm")
    other_page.close()
    expect(state_of(page)).to_contain_text("Nobody's page answers: Ben's was last heard of")
    press(page, "Take the arm")
    expect(state_of(page)).to_contain_text("Free")
