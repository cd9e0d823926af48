"""The label page in a real browser: keys, the next trial at once, undo, refusals, news."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, Route, expect
from sqlalchemy import select, update

from app.trials.models import LabelEvent, Trial

from .conftest import Studio


@pytest.fixture
def experiment(studio: Studio) -> int:
    return studio.seed(
        iterations_done=1, waiting_labels=4, waiting_held_out=4, train=4, held_out=4, planned_iterations=2
    )


@pytest.fixture
def label_page(page: Page, studio: Studio, experiment: int) -> Page:
    page.goto(f"{studio.url}/experiments/{experiment}/label")
    expect(_shown(page)).to_have_count(1)
    return page


@pytest.fixture
def stored(studio: Studio) -> Callable[[str], list[str]]:
    """stored(trial id) returns the outcomes that were stored for it, the oldest first."""

    def stored(trial: str) -> list[str]:
        with studio.database.reading() as session:
            return list(
                session.scalars(
                    select(LabelEvent.outcome)
                    .where(LabelEvent.trial_id == int(trial))
                    .order_by(LabelEvent.id)
                )
            )

    return stored


def _shown(page: Page) -> Locator:
    return page.locator("#stage .trial-card:not([hidden])")


def _trial(page: Page) -> str:
    return _shown(page).get_attribute("data-trial") or ""


def _decision(page: Page, trial: str) -> Locator:
    return page.locator(f'[data-decision="{trial}"]')


def test_keys_label_and_show_the_next_trial_at_once(
    label_page: Page, stored: Callable[[str], list[str]]
) -> None:
    for key, outcome in (("s", "success"), ("f", "failure"), ("I", "invalid")):
        trial = _trial(label_page)
        label_page.keyboard.press(key)
        assert _trial(label_page) != trial  # without waiting for the studio
        expect(_decision(label_page, trial)).to_contain_text(outcome.capitalize())
        assert stored(trial) == [outcome]
    expect(label_page.locator('[data-count="gate"]')).to_have_text("1")


def test_film_loops_at_double_speed(label_page: Page) -> None:
    film = _shown(label_page).locator("video")
    expect(film).to_have_js_property("loop", True)
    expect(film).to_have_js_property("playbackRate", 2)
    expect(film).to_have_js_property("paused", False)
    label_page.get_by_role("button", name="Pause video").click()
    expect(film).to_have_js_property("paused", True)


def test_film_last_frame_and_verdicts_are_on_the_screen_together(label_page: Page) -> None:
    for width, height in ((1280, 900), (820, 1180)):
        label_page.set_viewport_size({"width": width, "height": height})
        card = _shown(label_page)
        film, last = card.locator("video"), card.get_by_alt_text("Last frame")
        for seen in (film, last, *label_page.locator(".verdict").all()):
            expect(seen).to_be_in_viewport(ratio=1)
        film_box, last_box = film.bounding_box(), last.bounding_box()
        assert film_box
        assert last_box
        assert last_box["width"] == pytest.approx(film_box["width"], rel=0.05)
        assert last_box["width"] >= 0.35 * width


def test_z_shows_the_last_frame_large_and_labels_nothing_meanwhile(label_page: Page) -> None:
    label_page.set_viewport_size({"width": 1280, "height": 900})
    trial = _trial(label_page)
    large = label_page.get_by_role("dialog", name="Last frame, trial in T1")
    label_page.keyboard.press("z")
    expect(large).to_be_visible()
    box = large.get_by_role("img").bounding_box()
    assert box
    assert box["width"] >= 1.5 * 640
    label_page.keyboard.press("s")
    assert _trial(label_page) == trial
    label_page.keyboard.press("z")
    expect(large).to_be_hidden()
    _shown(label_page).get_by_alt_text("First frame").click()
    first = label_page.get_by_role("dialog", name="First frame, trial in T1")
    expect(first).to_be_visible()
    label_page.keyboard.press("Escape")
    expect(first).to_be_hidden()
    label_page.keyboard.press("s")
    assert _trial(label_page) != trial


def test_backspace_takes_back_and_the_trial_is_judged_anew(
    label_page: Page, stored: Callable[[str], list[str]]
) -> None:
    trial = _trial(label_page)
    label_page.keyboard.press("s")
    label_page.keyboard.press("Backspace")
    assert _trial(label_page) == trial
    label_page.keyboard.press("f")
    expect(_decision(label_page, trial)).to_contain_text("Failure")
    assert stored(trial) == ["success", "withdrawn", "failure"]


def test_backspace_after_a_reload_takes_the_last_label_back(
    label_page: Page, stored: Callable[[str], list[str]]
) -> None:
    trial = _trial(label_page)
    label_page.keyboard.press("s")
    expect(_decision(label_page, trial)).to_be_visible()
    label_page.reload()
    label_page.keyboard.press("Backspace")
    expect(_shown(label_page)).to_have_attribute("data-trial", trial)
    assert stored(trial) == ["success", "withdrawn"]


def test_keys_after_a_failure_say_why_and_how_far(label_page: Page, studio: Studio) -> None:
    trial = int(_trial(label_page))
    label_page.keyboard.press("f")
    panel = label_page.get_by_role("group", name=re.compile("^Why was"))
    expect(panel).to_be_visible()
    label_page.keyboard.press("2")
    label_page.keyboard.press("w")
    expect(_decision(label_page, str(trial))).to_contain_text("hit the rim 0.25 of 1")
    label_page.keyboard.press("9")
    label_page.keyboard.type("sf: the bowl was full")
    label_page.keyboard.press("Enter")
    expect(panel).to_have_count(0)
    expect(_decision(label_page, str(trial))).to_contain_text("sf: the bowl was full")
    with studio.database.reading() as session:
        events = session.scalars(
            select(LabelEvent).where(LabelEvent.trial_id == trial).order_by(LabelEvent.id)
        ).all()
        assert [(each.outcome, each.failure_mode, each.score) for each in events] == [
            ("failure", None, None),
            ("failure", "hit the rim", None),
            ("failure", "hit the rim", 0.25),
            ("failure", "other", 0.25),
        ]
    label_page.keyboard.press("f")
    label_page.keyboard.press("s")  # the next judgement ends the question
    expect(panel).to_have_count(0)


def test_film_goes_by_frames_with_curves_beneath(label_page: Page) -> None:
    card, film = _shown(label_page), _shown(label_page).locator("video")
    label_page.wait_for_function("() => document.querySelector('.trial-card video').readyState >= 2")
    label_page.keyboard.press(".")
    expect(film).to_have_js_property("paused", True)
    before = film.evaluate("video => video.currentTime")
    label_page.keyboard.press(",")
    frame = float(card.get_attribute("data-frame-s") or "0")
    assert (before - film.evaluate("video => video.currentTime")) == pytest.approx(frame, abs=frame / 2)
    label_page.keyboard.press("c")
    expect(card.locator(".review .review-cursor")).to_have_count(2)
    expect(card.locator(".tip-line")).to_have_count(2)
    trial = _trial(label_page)
    label_page.keyboard.press("s")
    assert _trial(label_page) != trial
    expect(_shown(label_page).locator(".review .review-cursor")).to_have_count(2)


def test_held_key_and_typing_label_nothing(label_page: Page, stored: Callable[[str], list[str]]) -> None:
    trial = _trial(label_page)
    label_page.evaluate(
        """() => {
          const press = (target, more) =>
            target.dispatchEvent(new KeyboardEvent("keydown", { key: "s", bubbles: true, ...more }));
          press(document.body, { repeat: true });
          press(document.body, { ctrlKey: true });
          const field = document.body.appendChild(document.createElement("input"));
          press(field, {});
          field.remove();
        }"""
    )
    assert _trial(label_page) == trial
    label_page.keyboard.press("s")  # the same key counts when it is meant
    assert _trial(label_page) != trial


def test_refused_label_comes_back_with_its_reason(
    label_page: Page, studio: Studio, console_errors: list[str]
) -> None:
    trial = _trial(label_page)
    with studio.database.transaction() as session:
        session.execute(update(Trial).where(Trial.id == int(trial)).values(status="planned"))
    label_page.keyboard.press("s")
    expect(label_page.locator(".toast--error")).to_contain_text("was not run yet")
    expect(_shown(label_page)).not_to_have_attribute("data-trial", trial)  # it waits for no label any more
    assert [each for each in console_errors if "409" in each]
    console_errors.clear()


def test_label_survives_a_studio_that_is_silent_for_a_moment(
    label_page: Page, stored: Callable[[str], list[str]], console_errors: list[str]
) -> None:
    calls = 0

    def cut_off(route: Route) -> None:
        nonlocal calls
        calls += 1
        if calls == 1:
            route.abort()
        elif calls == 2:
            route.fetch()  # stored, but the answer is lost
            route.abort()
        else:
            route.continue_()

    label_page.route(re.compile(r"/trials/\d+/labels"), cut_off)
    trial = _trial(label_page)
    label_page.keyboard.press("s")
    expect(_decision(label_page, trial)).to_contain_text("Success")
    assert calls == 3
    assert stored(trial) == ["success"]
    console_errors.clear()


def test_decision_is_corrected_in_the_list(label_page: Page, stored: Callable[[str], list[str]]) -> None:
    trial = _trial(label_page)
    label_page.keyboard.press("s")
    _decision(label_page, trial).get_by_title("Change to failure").click()
    expect(_decision(label_page, trial)).to_contain_text("Failure")
    assert stored(trial) == ["success", "failure"]


def test_empty_queue_says_what_comes_and_new_trials_come_by_themselves(
    label_page: Page, studio: Studio
) -> None:
    with studio.database.transaction() as session:
        session.execute(update(Trial).where(Trial.purpose == "held_out").values(status="running"))
    expect(label_page.locator('[data-count="held_out"]')).to_have_text("0")
    for left in (3, 2, 1, 0):
        label_page.keyboard.press("s")
        expect(label_page.locator('[data-count="gate"]')).to_have_text(str(left))
    expect(label_page.get_by_role("heading", name="Nothing waits for you")).to_be_visible()
    expect(label_page.get_by_role("button", name="Success")).to_be_hidden()
    label_page.keyboard.press("s")  # nothing there to be labelled
    with studio.database.transaction() as session:
        session.execute(update(Trial).where(Trial.purpose == "held_out").values(status="executed"))
    expect(_shown(label_page)).to_have_attribute("data-purpose", "held_out")
    expect(label_page.get_by_role("button", name="Success")).to_be_visible()


def test_trial_page_shows_and_corrects(page: Page, studio: Studio, experiment: int) -> None:
    with studio.database.reading() as session:
        trial = session.scalars(select(Trial.id).where(Trial.purpose == "gate", ~Trial.labels.any())).first()
    page.goto(f"{studio.url}/trials/{trial}")
    expect(page.locator(".joint .u-over")).to_have_count(7)
    page.get_by_role("button", name="Success").click()
    expect(page.locator(".label-history")).to_contain_text("Success")
    expect(page.get_by_text("own judgement")).to_be_hidden()


def test_label_that_a_gate_came_from_is_corrected_with_a_reason(
    page: Page, studio: Studio, console_errors: list[str]
) -> None:
    done = studio.seed(iterations_done=1, train=2, held_out=0, name="Gates are set")
    with studio.database.reading() as session:
        trial = session.scalars(
            select(Trial.id).where(Trial.purpose == "gate", Trial.iteration.has(experiment_id=done))
        ).first()
    page.goto(f"{studio.url}/trials/{trial}")
    page.get_by_role("button", name=re.compile("Success|Failure")).first.click()
    asked = page.get_by_role("dialog", name="Why is it corrected?")
    expect(asked).to_contain_text("was set from this label")
    asked.get_by_role("textbox").fill("the almond fell off at the end")
    asked.get_by_role("button", name="Correct it").click()
    expect(page.locator(".label-history")).to_contain_text("the almond fell off at the end")
    expect(page.get_by_text("Outdated", exact=True)).to_be_visible()
    page.get_by_role("link", name="See what it came from").click()
    expect(page.get_by_role("button", name="Run again from iteration 1").first).to_be_visible()
    assert [each for each in console_errors if "422" in each]
    console_errors.clear()
