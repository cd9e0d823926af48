"""All that a person does with an experiment, from `hndp serve` to the dashboard, on the real studio."""

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from ..served_studio import served_studio
from .conftest import note_complaints

SOON_MS = 20_000
WORK_MS = 180_000
"""For what robot and training need minutes on a machine that is busy with other tests."""

TINY = {
    "Pretrain images": "12",
    "Pretrain steps": "20",
    "Local steps": "60",
    "Local refinement steps": "30",
    "Global steps": "30",
    "Global refinement steps": "15",
    "Batch size": "6",
    "Threads": "1",
}
GREY_LEVELS_OF_A_SCENE = 10
"""Least standard deviation of a picture's pixels that shows something; a blank one has 0."""


@pytest.fixture
def page(context: BrowserContext, tmp_path: Path, console_errors: list[str]) -> Iterator[Page]:
    """The first page behind the link that `hndp serve` prints."""
    context.set_default_timeout(SOON_MS)
    with served_studio(tmp_path, MUJOCO_GL="egl") as (_, link):
        page = context.new_page()
        note_complaints(page, console_errors)
        page.goto(link)
        yield page
        page.close()
    assert not console_errors, console_errors


def test_from_the_printed_link_to_the_counted_success(page: Page) -> None:
    create_experiment(page)
    demonstrate(page)
    page.get_by_role("button", name="Start the refinement").click()
    expect(page.locator("#experiment-status")).to_have_text("Running")

    follow(page.get_by_role("navigation").get_by_role("link", name="Label"))
    judge(page, 1, "T1", "s")
    judge(page, 1, "T2", "s")
    page.keyboard.press("Backspace")
    judge(page, 1, "T2", "f")
    judge(page, 1, "T3", "i")
    judge(page, 1, "H1", "s")
    expect(shown(page)).to_contain_text("attempt 2, after an invalid one", timeout=WORK_MS)
    judge(page, 1, "T3", "s")

    for region, key in (("T1", "s"), ("T2", "s"), ("T3", "s"), ("H1", "f")):
        judge(page, 2, region, key)  # nobody has started this iteration
    expect(page.get_by_role("heading", name="All done")).to_be_visible(timeout=WORK_MS)

    page.get_by_role("button", name="Open the dashboard").click()
    expect(page.locator("#success .count")).to_have_text(["2/3", "3/3", "1/1", "0/1"])


def follow(link: Locator) -> None:
    """Go where it leads, and wait until that page's scripts answer clicks."""
    with link.page.expect_navigation():
        link.click()


def create_experiment(page: Page) -> None:
    follow(page.get_by_role("main").get_by_role("button", name="New experiment").first)
    page.get_by_label("Name").fill("Whole loop")
    page.get_by_label("Train regions").fill("3")
    page.get_by_label("Held-out regions").fill("1")
    page.get_by_label("Iterations", exact=True).fill("2")
    expect(page.locator(".table-map .region")).to_have_count(4)
    page.get_by_text("Advanced settings").click()
    for setting, value in TINY.items():
        page.get_by_label(setting, exact=True).fill(value)
    follow(page.get_by_role("button", name="Create experiment"))


def demonstrate(page: Page) -> None:
    """Record, watch and accept one demonstration in each train region; end on the time line."""
    follow(page.get_by_role("button", name="Go to the demonstrations"))
    page.get_by_role("button", name="Record all owed (3)").click()
    picture = page.locator(".live-screen img")
    expect(picture).to_be_visible(timeout=WORK_MS)
    expect(picture).not_to_have_js_property("naturalWidth", 0)
    assert deviation(picture) > GREY_LEVELS_OF_A_SCENE
    accept = page.get_by_role("button", name="Accept all recorded (3)")
    expect(accept).to_be_visible(timeout=WORK_MS)
    accept.click()
    follow(page.get_by_role("button", name="Go on: start the refinement"))


def judge(page: Page, iteration: int, region: str, key: str) -> None:
    """Wait until a trial is on the screen, and judge it."""
    card = shown(page)
    expect(card).to_have_attribute("data-region", region, timeout=WORK_MS)
    expect(card).to_have_attribute("data-iteration", str(iteration))
    page.keyboard.press(key)


def shown(page: Page) -> Locator:
    return page.locator("#stage .trial-card:not([hidden])")


def deviation(picture: Locator) -> float:
    """Standard deviation of what is seen, in grey levels of 0 to 255."""
    seen = cv2.imdecode(np.frombuffer(picture.screenshot(), np.uint8), cv2.IMREAD_GRAYSCALE)
    assert seen is not None
    return float(seen.std())
