"""Presses before the page's scripts are there: late scripts, as from a slow network."""

import re
import time

from playwright.sync_api import Page, Route, expect
from sqlalchemy import select

from app.trials.models import Trial

from .conftest import Studio

SCRIPTS = re.compile(r"/static/.*(correct_label|told_acts)\.js")


def late(page: Page, delay_s: float) -> None:
    """Let scripts come late that a page cannot act without."""

    def answer(route: Route) -> None:
        time.sleep(delay_s)
        route.continue_()

    page.route(SCRIPTS, answer)


def labels(studio: Studio, trial_id: int) -> list[str]:
    with studio.database.reading() as session:
        return [label.outcome for label in session.get_one(Trial, trial_id).labels]


def test_a_press_before_the_scripts_is_made_once_they_are_there(page: Page, studio: Studio) -> None:
    studio.seed(iterations_done=1, planned_iterations=1, train=2, held_out=1)
    with studio.database.reading() as session:
        trial_id = session.scalars(
            select(Trial.id).where(Trial.purpose == "gate", Trial.labels.any()).order_by(Trial.id)
        ).all()[0]
    before = labels(studio, trial_id)
    corrected = "failure" if before[-1] == "success" else "success"
    late(page, 1.0)
    page.goto(f"{studio.url}/trials/{trial_id}", wait_until="commit")
    page.get_by_role("button", name=re.compile(corrected, re.IGNORECASE)).click()
    assert labels(studio, trial_id) == before
    expect(page.locator(".label-history li")).to_have_count(len(before) + 1)
    assert labels(studio, trial_id) == [*before, corrected]


def test_later_presses_go_their_own_way(page: Page, studio: Studio) -> None:
    studio.seed(iterations_done=1, planned_iterations=1, train=2, held_out=1)
    page.goto(f"{studio.url}/trials/1")
    page.evaluate("window.heard = 0; document.body.addEventListener('click', () => window.heard++)")
    page.locator("button[type=button]").first.click()
    assert page.evaluate("window.heard") == 1


def test_a_press_that_waited_too_long_is_forgotten(page: Page, studio: Studio) -> None:
    experiment = studio.seed(iterations_done=0, demonstrated=1, train=1, held_out=0)
    page.add_init_script(
        "window.heard = 0; addEventListener('click', () => window.heard++);"
        "const now = performance.now.bind(performance); window.late = 0;"
        "performance.now = () => now() + window.late;"
    )
    late(page, 1.0)
    page.goto(f"{studio.url}/experiments/{experiment}/demonstrations", wait_until="commit")
    page.locator("button[type=button]").first.click()
    page.evaluate("window.late = 10000")
    page.wait_for_load_state()
    page.wait_for_timeout(100)
    assert page.evaluate("window.heard") == 0  # neither held nor made anew did it reach anything
