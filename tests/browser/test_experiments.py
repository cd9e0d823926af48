import re

from playwright.sync_api import Page, Route, expect
from sqlalchemy import select

from app.experiments.models import Experiment
from app.training.models import Step

from .conftest import Studio


def running_step(studio: Studio) -> int:
    with studio.database.reading() as session:
        return session.scalars(select(Step.id).where(Step.status == "running")).one()


def change_step(studio: Studio, step_id: int, **values: object) -> None:
    with studio.database.transaction() as session:
        step = session.get_one(Step, step_id)
        for name, value in values.items():
            setattr(step, name, value)


def test_a_new_experiment_from_first_run_to_its_page(
    page: Page, studio: Studio, console_errors: list[str]
) -> None:
    page.goto(studio.url)
    page.get_by_role("main").get_by_role("button", name="New experiment").first.click()
    regions = page.locator(".table-map .region")
    expect(regions).to_have_count(28)
    page.get_by_label("Task").select_option("pouring@clean")
    expect(page.get_by_label("Train regions")).to_have_value("16")
    expect(regions).to_have_count(26)
    page.get_by_label("Task").select_option("scooping@clean")
    expect(regions).to_have_count(28)

    place = page.locator('[data-region="T1"]').get_attribute("transform")
    page.get_by_role("button", name="Draw another layout").click()
    expect(page.get_by_label("Layout seed")).to_have_value("1")
    expect(page.locator('[data-region="T1"]')).not_to_have_attribute("transform", place or "")
    page.get_by_label("Train regions").fill("6")
    page.get_by_label("Train regions").blur()
    expect(regions).to_have_count(16)

    page.get_by_text("Best of 3").click()
    page.get_by_label("Seed", exact=True).fill("abc")
    page.get_by_label("Name").fill("From the browser")
    page.get_by_role("button", name="Create experiment").click()
    expect(page.locator('[data-field="seed"]')).to_have_text("Give a whole number.")
    expect(page.get_by_label("Name")).to_have_value("From the browser")
    expect(page.get_by_label("Best of 3")).to_be_checked()
    expect(regions).to_have_count(16)
    assert all("422" in each for each in console_errors), console_errors
    console_errors.clear()

    page.get_by_label("Seed", exact=True).fill("5")
    page.get_by_role("button", name="Create experiment").click()
    expect(page.get_by_role("heading", name="From the browser")).to_be_visible()
    expect(page.get_by_text("still need an accepted demonstration")).to_be_visible()
    expect(page.get_by_role("button", name="Go to the demonstrations")).to_be_visible()


def test_a_task_chosen_before_the_scripts_are_there_is_drawn(page: Page, studio: Studio) -> None:
    held: list[Route] = []
    page.route("**/htmx.min.js*", lambda route: held.append(route))
    page.goto(f"{studio.url}/experiments/new", wait_until="commit")
    page.get_by_role("button", name="Create experiment").wait_for()  # all of the page is read by then
    page.get_by_label("Task").select_option("pouring@clean")
    expect(page.get_by_label("Train regions")).to_have_value("18")
    held[-1].continue_()  # the page before may still have asked for it too
    expect(page.get_by_label("Train regions")).to_have_value("16")
    expect(page.locator(".table-map .region")).to_have_count(26)


def test_what_is_typed_while_the_map_is_redrawn_stays(page: Page, studio: Studio) -> None:
    page.goto(f"{studio.url}/experiments/new")
    held: list[Route] = []
    page.route("**/experiments/layout?*", lambda route: held.append(route))
    page.get_by_label("Train regions").fill("none")
    with page.expect_request("**/experiments/layout?*"):
        page.get_by_label("Held-out regions").press("2")  # leaves the field before, and asks for its map
    page.get_by_label("Held-out regions").fill("2")
    held[0].continue_()
    expect(page.locator('[data-field="regions"]')).to_be_visible()
    expect(page.get_by_label("Train regions")).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_label("Held-out regions")).to_have_value("2")
    page.unroute("**/experiments/layout?*")
    page.get_by_label("Train regions").fill("6")
    page.get_by_label("Train regions").blur()
    expect(page.locator('[data-field="regions"]')).to_have_count(0)
    expect(page.get_by_label("Train regions")).not_to_have_attribute("aria-invalid", "true")
    expect(page.locator(".table-map .region")).to_have_count(8)


def test_time_line_follows_a_running_step_by_itself(page: Page, studio: Studio) -> None:
    experiment = studio.seed(iterations_done=1, train=4, held_out=2)
    step = running_step(studio)
    page.goto(f"{studio.url}/experiments/{experiment}")
    now = page.locator("#present")
    expect(now.get_by_role("heading")).to_have_text("Iteration 2: Local training")
    expect(page.locator("#curves canvas")).to_have_count(1)

    change_step(studio, step, done=300)
    expect(now).to_contain_text("300 of 400 training steps")
    expect(page.locator("table.time-line")).to_contain_text("300/400")
    page.get_by_role("button", name="Iteration 1", exact=True).click()
    expect(page.locator("#curves canvas")).to_have_count(3)

    box = page.locator("#curves .u-over").first.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(page.locator("#curves .u-legend .u-value").nth(1)).to_have_text(re.compile(r"0\.\d+"))


def test_failed_step_is_told_with_its_log_and_a_retry(page: Page, studio: Studio) -> None:
    experiment = studio.seed(iterations_done=1, train=4, held_out=2)
    page.goto(f"{studio.url}/experiments/{experiment}")
    with studio.database.transaction() as session:
        session.get_one(Experiment, experiment).status = "failed"
    change_step(studio, running_step(studio), status="failed", error="Out of memory.", log="epoch 1\nkilled")
    now = page.locator("#present")
    expect(now.get_by_role("alert")).to_have_text("Out of memory.")
    expect(page.locator("#experiment-status")).to_have_text("Failed")
    now.get_by_text("Log of this step").click()
    expect(now.locator(".log")).to_contain_text("killed")
    expect(now.get_by_role("button", name="Retry this step")).to_be_visible()


def test_start_pause_and_cancel_after_a_question(page: Page, studio: Studio) -> None:
    experiment = studio.seed(iterations_done=0, train=4, held_out=2)
    page.goto(f"{studio.url}/experiments/{experiment}")
    status = page.locator("#experiment-status")
    page.get_by_role("button", name="Start the refinement").click()
    expect(status).to_have_text("Running")
    page.get_by_role("button", name="Pause").click()
    expect(status).to_have_text("Paused")

    page.get_by_role("button", name="Cancel", exact=True).click()
    question = page.get_by_role("dialog")
    page.keyboard.press("Escape")
    expect(question).to_be_hidden()
    expect(status).to_have_text("Paused")
    page.get_by_role("button", name="Cancel", exact=True).click()
    question.get_by_role("button", name="Cancel the refinement").click()
    expect(status).to_have_text("Cancelled")
    expect(page.get_by_role("button", name="Resume")).to_be_hidden()


def test_two_who_start_at_once_start_once_and_the_second_is_told(
    page: Page, studio: Studio, console_errors: list[str]
) -> None:
    experiment = studio.seed(iterations_done=0, train=4, held_out=2)
    page.goto(f"{studio.url}/experiments/{experiment}")
    start = page.get_by_role("button", name="Start the refinement")
    expect(start).to_be_visible()
    held: list[Route] = []
    page.route("**/start", lambda route: held.append(route))
    with page.expect_request("**/start"):
        start.click()
    start_elsewhere(studio, experiment)
    expect(page.get_by_role("button", name="Pause")).to_be_visible()  # in the place of the pressed button
    held[0].continue_()
    expect(page.locator(".toast")).to_contain_text("was started before")
    console_errors.clear()


def start_elsewhere(studio: Studio, experiment: int) -> None:
    with studio.database.transaction() as session:
        session.get_one(Experiment, experiment).status = "running"


def test_home_changes_by_itself_and_leads_to_the_labels(page: Page, studio: Studio) -> None:
    page.goto(studio.url)
    expect(page.get_by_role("heading", name="Create the first experiment")).to_be_visible()
    studio.seed(iterations_done=1, train=4, held_out=2, waiting_labels=2)
    expect(page.get_by_role("heading", name="2 trials wait for a label")).to_be_visible()
    page.get_by_role("button", name="Label", exact=True).click()
    expect(page).to_have_url(re.compile(r"/experiments/\d+/label$"))


def test_chosen_theme_stays(page: Page, studio: Studio) -> None:
    page.goto(f"{studio.url}/help")
    page.get_by_role("button", name="Light or dark").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
