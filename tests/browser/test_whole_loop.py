"""All that a person does with an experiment, from `hndp serve` to the dashboard, on the real studio."""

import re
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from hndp_core.tasks import get_task

from ..served_studio import served_studio
from .conftest import note_complaints

SOON_MS = 20_000
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
    create_experiment(page, train=3)
    demonstrate(page, 3)
    start_and_label(page)
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


def test_writing_is_judged_beside_its_card_and_measured_afterwards(page: Page) -> None:
    create_experiment(page, task="writing@clean", train=1, data="gate_rollouts", pretrain_images=0)
    demonstrate(page, 1)
    start_and_label(page)
    for iteration in (1, 2):
        for region in ("T1", "H1"):
            judge(page, iteration, region, "s", beside="digit 0, writer")
    expect(page.get_by_role("heading", name="All done")).to_be_visible(timeout=WORK_MS)

    follow(page.locator("#decisions").get_by_role("link", name="T1", exact=True).first)
    judgement = page.locator(".card", has_text="Simulator's own judgement")
    expect(judgement).to_contain_text(re.compile(r"Digit recognised\s*(\d|none)"))
    expect(judgement).to_contain_text(re.compile(r"Path error\s*[\d.]+ mm"))


def test_without_local_policies_one_iteration_ends_by_itself(page: Page, console_errors: list[str]) -> None:
    create_experiment(
        page,
        task="writing@clean",
        method="ndp",
        train=1,
        held_out=0,
        operator="simulated",
        pretrain_images=0,
    )
    expect(page.locator('[data-field="iterations"]')).to_contain_text("choose 1 iteration")
    assert all("422" in each for each in console_errors), console_errors
    console_errors.clear()
    page.get_by_label("Iterations", exact=True).fill("1")
    follow(page.get_by_role("button", name="Create experiment"))
    steps = ["Iteration", "Global training", "Train trials", "Held-out trials", "Labels"]
    demonstrate(page, 1)
    expect(page.locator("table.time-line thead th")).to_have_text(steps)
    page.get_by_role("button", name="Start the refinement").click()
    expect(page.locator("#experiment-status")).to_have_text("Finished", timeout=WORK_MS)
    expect(page.locator("table.time-line")).not_to_contain_text("Local")


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
