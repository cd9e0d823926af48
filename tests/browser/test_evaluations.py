"""A blind comparison from its plan to its report, in the browser; the arm answers as it is told."""

import re

from playwright.sync_api import Page, expect
from sqlalchemy import select

from app.evaluations.turns import next_turn
from app.trials.models import Trial

from ..app.evaluations.evaluation_desk import NAMES, execute, truth_by_letter
from .conftest import Studio


def test_from_the_planner_to_the_report(page: Page, studio: Studio) -> None:
    for seed, name in enumerate(NAMES):
        studio.seed(iterations_done=1, planned_iterations=1, train=3, held_out=2, name=name, seed=seed)
    page.goto(f"{studio.url}/evaluations")
    page.get_by_role("button", name="Plan the number of trials").click()
    expect(page.locator("[data-trials]")).to_have_text(["82", "84", "99"])
    page.get_by_role("button", name="Plan it").nth(1).click()
    expect(page.get_by_label("Repeats")).to_have_value("9")
    page.get_by_label("Repeats").fill("1")
    page.get_by_role("textbox", name="Name").fill("Blind one")
    for name in NAMES:
        page.get_by_label(re.compile(name)).check()
    page.get_by_role("button", name="Draw letters and order").click()

    expect(page.get_by_role("heading", name="Blind one")).to_be_visible()
    for name in NAMES:
        expect(page.locator("body")).not_to_contain_text(name)
    page.get_by_role("button", name="Start the session").click()
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    with studio.database.transaction() as session:
        for trial_id in next_turn(session, 1, 0.0)["trials"]:
            trial = session.get_one(Trial, trial_id)
            execute(session, studio.artefacts, trial, truth_by_letter(A=True, B=False))

    expect(page.locator("[aria-label=Progress]")).to_contain_text("4 of 4")  # nobody has reloaded it
    with page.expect_navigation(wait_until="load"):  # keys work once the page's scripts are there
        page.get_by_role("navigation", name="Parts of this session").get_by_role(
            "link", name=re.compile("Label")
        ).click()
    judged = []
    for left in (4, 3, 2, 1):
        expect(page.locator(".queue-counts")).to_contain_text(f"{left} wait")
        card = page.locator("[data-blind-trial]")
        judged.append(card.get_attribute("data-blind-trial"))
        page.keyboard.press("s" if left % 2 else "f")
        if left == 2:
            expect(page.locator(".queue-counts")).to_contain_text("1 wait")
            page.keyboard.press("Backspace")
            expect(page.locator(f'[data-blind-trial="{judged[-1]}"]')).to_be_visible()
            page.keyboard.press("f")
    expect(page.get_by_role("heading", name="All trials are judged")).to_be_visible()
    assert judged == sorted(set(judged), key=lambda trial: int(trial or 0))
    with studio.database.reading() as session:
        trials = session.scalars(select(Trial).where(Trial.id.in_(judged)).order_by(Trial.id))
        labels = [trial.labels[-1].outcome for trial in trials]
    assert labels == ["failure", "success"] * 2

    page.get_by_role("button", name="Go to the session").click()
    page.get_by_role("button", name="Close and reveal").click()
    page.get_by_role("dialog").get_by_role("button", name="Close and reveal").click()
    expect(page.locator("#methods")).to_contain_text("4 of 4 planned trials count")
    for name in NAMES:
        expect(page.locator("table").first).to_contain_text(name)
