"""A blind comparison from its plan to its report, in the browser; the arm answers as it is told."""

import re

from playwright.sync_api import Locator, Page, expect
from sqlalchemy import select

from app.evaluations.turns import next_turn
from app.trials.models import Trial

from ..app.evaluations.evaluation_desk import NAMES, execute, truth_by_letter
from .blind_session import begun
from .conftest import Studio


def _shown(page: Page) -> Locator:
    return page.locator("#stage .trial-card:not([hidden])")


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
        judged.append(_shown(page).get_attribute("data-trial"))
        page.keyboard.press("s" if left % 2 else "f")
        if left == 2:
            expect(page.locator(".queue-counts")).to_contain_text("1 wait")
            page.keyboard.press("Backspace")
            expect(_shown(page)).to_have_attribute("data-trial", judged[-1] or "")
            page.keyboard.press("f")
            page.keyboard.press("2")
            page.keyboard.press("w")
    expect(page.get_by_role("heading", name="All trials are judged")).to_be_visible()
    expect(page.locator(f'[data-decision="{judged[2]}"]')).to_contain_text("hit the rim 0.25 of 1")
    assert judged == sorted(set(judged), key=lambda trial: int(trial or 0))
    with studio.database.reading() as session:
        trials = session.scalars(select(Trial).where(Trial.id.in_(judged)).order_by(Trial.id))
        labels = [trial.labels[-1].outcome for trial in trials]
    assert labels == ["failure", "success"] * 2

    page.get_by_role("button", name="Go to the session").click()
    page.get_by_role("button", name="Close and reveal").click()
    page.get_by_role("dialog").get_by_role("button", name="Close and reveal").click()
    expect(page.locator("#methods")).to_contain_text("4 of 4 planned trials count")
    expect(page.get_by_role("row", name=re.compile("^Hit the rim"))).to_be_visible()
    for name in NAMES:
        expect(page.locator("table").first).to_contain_text(name)


def _frame_on(page: Page, film: Locator) -> None:
    """The key for the next frame pauses the film."""
    page.wait_for_function("() => document.querySelector('video').readyState >= 2")
    page.keyboard.press(".")
    expect(film).to_have_js_property("paused", True)


def test_a_blind_film_goes_by_frames_and_shows_no_curves(page: Page, studio: Studio) -> None:
    session_id = begun(studio)
    page.goto(f"{studio.url}/evaluations/{session_id}/label")
    _frame_on(page, _shown(page).locator("video"))
    page.keyboard.press("c")
    expect(page.get_by_role("button", name="Curves")).to_have_count(0)
    expect(page.locator(".review, .tip-line")).to_have_count(0)
    trial = _shown(page).get_attribute("data-trial")
    page.goto(f"{studio.url}/evaluations/{session_id}/trials/{trial}")
    _frame_on(page, page.locator("video"))
    expect(page.locator(".review, .tip-line")).to_have_count(0)


def test_curves_stand_under_the_film_where_the_plan_shows_them(page: Page, studio: Studio) -> None:
    session_id = begun(studio, curves="shown")
    page.goto(f"{studio.url}/evaluations/{session_id}/label")
    page.keyboard.press("c")
    expect(_shown(page).locator(".review .review-cursor")).to_have_count(2)
    expect(_shown(page).locator(".tip-line")).to_have_count(1)  # of the trial, of no demonstration
    trial = _shown(page).get_attribute("data-trial")
    page.keyboard.press("s")
    expect(_shown(page)).not_to_have_attribute("data-trial", trial or "")
    expect(_shown(page).locator(".review .review-cursor")).to_have_count(2)
    page.goto(f"{studio.url}/evaluations/{session_id}/trials/{trial}")
    expect(page.locator(".review .review-cursor")).to_have_count(2)


def test_a_blind_label_is_corrected_on_the_page_of_its_trial(page: Page, studio: Studio) -> None:
    session_id = begun(studio)
    page.goto(f"{studio.url}/evaluations/{session_id}/label")
    trial = _shown(page).get_attribute("data-trial") or ""
    page.keyboard.press("s")
    decision = page.locator(f'[data-decision="{trial}"]')
    expect(decision).to_contain_text("Success")
    decision.get_by_role("link").last.click()
    page.wait_for_url("**/trials/*")  # and with it for the script that hears the buttons
    page.get_by_role("button", name="Failure").click()
    expect(page.locator(".label-history li")).to_have_count(2)
    page.wait_for_load_state()
    page.get_by_text("Say why it failed").click()
    page.get_by_role("button", name="hit the rim").click()
    expect(page.locator(".label-history li").last).to_contain_text("hit the rim")
    with studio.database.reading() as session:
        labels = session.get_one(Trial, int(trial)).labels
        assert [each.outcome for each in labels] == ["success", "failure", "failure"]
