"""A newcomer's first minute: an empty studio, one press, and all there is to see."""

import re
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from app.platform.durable import Jobs
from app.platform.stopping import StopSignal
from app.transfers.models import Transfer
from app.transfers.runner import TransferRunner

from .conftest import Studio


@pytest.fixture(autouse=True)
def no_waiting_for_the_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.fsync", lambda _descriptor: None)


def restore(studio: Studio, folder: Path) -> None:
    """What a worker would do with what was asked for."""
    with studio.database.reading() as session:
        asked = session.scalars(select(Transfer.id)).one()
    with closing(Jobs(studio.database.engine)) as jobs:
        runner = TransferRunner(studio.database, studio.artefacts, jobs, folder, 7.0, StopSignal())
        assert runner.run(asked) == "done"


def test_one_press_leads_to_films_and_figures(
    page: Page, studio: Studio, tmp_path: Path, console_errors: list[str]
) -> None:
    page.goto(studio.url)
    page.get_by_role("button", name="Try it with sample data").click()
    expect(page.get_by_role("heading", name="The sample is being loaded")).to_be_visible()
    restore(studio, tmp_path / "transfers")
    page.wait_for_url(re.compile(r"/experiments/\d+$"))  # nobody has pressed anything
    tour = page.locator(".card", has_text="What to look at")

    tour.get_by_role("link", name="Label").click()
    film = page.locator("#stage .trial-card:not([hidden]) video")
    expect(film).not_to_have_js_property("videoWidth", 0)
    page.go_back()

    tour.get_by_role("link", name="Dashboard").click()
    expect(page.locator("#success .count")).to_have_count(6)
    page.locator('#outcomes a[href^="/trials/"]').first.click()
    expect(page.locator("video")).not_to_have_js_property("videoWidth", 0)

    page.goto(f"{studio.url}/trials/1")  # a local one, whose film was left out
    expect(page.get_by_text("Its film is kept no longer: the first frame, simulated robot")).to_be_visible()
    assert all("404" in each for each in console_errors), console_errors
    console_errors.clear()
