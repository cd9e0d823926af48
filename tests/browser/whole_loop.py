"""What a person does with an experiment on the pages of a studio that `hndp serve` has started."""

import cv2
import numpy as np
from playwright.sync_api import Locator, Page, expect

from hndp_core.tasks import get_task

WORK_MS = 180_000
"""For what robot and training need minutes on a machine that is busy with other tests."""

TINY = {
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


def follow(link: Locator) -> None:
    """Go where it leads, and wait until that page's scripts answer clicks."""
    with link.page.expect_navigation():
        link.click()


def create_experiment(
    page: Page,
    *,
    task: str = "scooping@clean",
    method: str = "hndp",
    train: int,
    held_out: int = 1,
    iterations: int = 2,
    operator: str = "human",
    data: str = "local_rollouts",
    pretrain_images: int = 12,
) -> None:
    """Fill and send the form of a new experiment, for as little work as can be."""
    follow(page.get_by_role("main").get_by_role("button", name="New experiment").first)
    page.get_by_label("Name").fill("Whole loop")
    page.get_by_label("Task").select_option(task)
    page.get_by_label("Method").select_option(method)
    page.locator(f"[name=operator][value={operator}]").check()
    page.locator(f"[name=dataset_source][value={data}]").check()
    default = get_task(task).layout()
    expect(page.locator(".table-map .region")).to_have_count(len(default))
    page.get_by_label("Train regions").fill(str(train))
    page.get_by_label("Held-out regions").fill(str(held_out))
    page.get_by_label("Iterations", exact=True).fill(str(iterations))
    expect(page.locator(".table-map .region")).to_have_count(train + held_out)
    page.get_by_text("Advanced settings").click()
    for setting, value in {**TINY, "Pretrain images": str(pretrain_images)}.items():
        page.get_by_label(setting, exact=True).fill(value)
    follow(page.get_by_role("button", name="Create experiment"))


def demonstrate(page: Page, count: int) -> None:
    """Record, watch and accept one demonstration in each train region; end on the time line."""
    follow(page.get_by_role("button", name="Go to the demonstrations"))
    page.get_by_role("button", name=f"Record all owed ({count})").click()
    picture = page.locator(".live-screen img")
    expect(picture).to_be_visible(timeout=WORK_MS)
    expect(picture).not_to_have_js_property("naturalWidth", 0)
    assert deviation(picture) > GREY_LEVELS_OF_A_SCENE
    accept = page.get_by_role("button", name=f"Accept all recorded ({count})")
    expect(accept).to_be_visible(timeout=WORK_MS)
    accept.click()
    follow(page.get_by_role("button", name="Go on: start the refinement"))


def start_and_label(page: Page) -> None:
    page.get_by_role("button", name="Start the refinement").click()
    expect(page.locator("#experiment-status")).to_have_text("Running")
    follow(page.get_by_role("navigation", name="Parts of this experiment").get_by_role("link", name="Label"))


def judge(page: Page, iteration: int, region: str, key: str, beside: str = "") -> None:
    """Wait until a trial is on the screen, with what shall stand beside it, and judge it."""
    card = shown(page)
    expect(card).to_have_attribute("data-region", region, timeout=WORK_MS)
    expect(card).to_have_attribute("data-iteration", str(iteration))
    expect(card).to_contain_text(beside)
    page.keyboard.press(key)


def shown(page: Page) -> Locator:
    return page.locator("#stage .trial-card:not([hidden])")


def deviation(picture: Locator) -> float:
    """Standard deviation of what is seen, in grey levels of 0 to 255."""
    seen = cv2.imdecode(np.frombuffer(picture.screenshot(), np.uint8), cv2.IMREAD_GRAYSCALE)
    assert seen is not None
    return float(seen.std())
