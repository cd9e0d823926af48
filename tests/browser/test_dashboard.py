"""The dashboard in Chromium: figures are drawn, tell their values, follow labels, and can be saved."""

from pathlib import Path
from xml.etree import ElementTree

from playwright.sync_api import Page, expect
from sqlalchemy import select

from app.trials.models import LabelEvent, Trial

from .conftest import Studio

PNG = b"\x89PNG\r\n\x1a\n"


def open_dashboard(page: Page, studio: Studio, experiment: int, query: str = "") -> None:
    page.goto(f"{studio.url}/experiments/{experiment}/dashboard{query}")
    for figure in ("success", "outcomes", "trajectories"):
        expect(page.locator(f"#{figure} svg.drawing")).to_be_visible()


def test_figures_are_drawn_and_tell_their_values(page: Page, studio: Studio) -> None:
    experiment = studio.seed(iterations_done=2, planned_iterations=2)
    open_dashboard(page, studio, experiment)
    expect(page.locator("#success .point")).to_have_count(4)
    expect(page.locator("#outcomes a.trial")).to_have_count(2 * 28)
    expect(page.locator("#trajectories .panel")).to_have_count(7)

    tooltip = page.locator("#success .tooltip")
    page.locator("#success .point").first.hover()
    expect(tooltip).to_contain_text("95 % interval")

    first = page.locator("#outcomes a.trial").first
    first.focus()
    expect(page.locator("#outcomes .tooltip")).to_contain_text("T1, iteration 1")
    expect(page.locator("#outcomes .tooltip")).to_contain_text("labelled by Operator")
    page.keyboard.press("ArrowDown")
    expect(page.locator("#outcomes .tooltip")).to_contain_text("T2, iteration 1")
    page.keyboard.press("ArrowRight")
    expect(page.locator("#outcomes .tooltip")).to_contain_text("T2, iteration 2")

    page.locator("#trajectories .panel").nth(3).focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator("#trajectories .tooltip")).to_contain_text("Joint 4 at 0.10 s")

    page.locator("#success summary").click()
    expect(page.locator("#success .number-table tbody tr")).to_have_count(4)


def test_a_trial_leads_to_its_page(page: Page, studio: Studio) -> None:
    experiment = studio.seed(iterations_done=1, planned_iterations=1, train=4, held_out=0)
    open_dashboard(page, studio, experiment)
    trial = page.locator("#outcomes a.trial").first
    href = trial.get_attribute("href")
    trial.click()
    page.wait_for_url(f"**{href}")
    expect(page.get_by_role("heading", level=2)).to_contain_text("Trial in ")


def test_selectors_stand_in_the_address(page: Page, studio: Studio) -> None:
    experiment = studio.seed(iterations_done=2, planned_iterations=2, train=4, held_out=2)
    open_dashboard(page, studio, experiment, "?iteration=1&joint=2&unit=rad")
    expect(page.locator("#trajectories .panel")).to_have_count(1)
    expect(page.locator("#trajectories .legend--place")).to_have_text("T1, iteration 1")
    page.locator("#outcomes a.region", has_text="T3").click()
    expect(page.locator("#trajectories .legend--place")).to_have_text("T3, iteration 1")
    page.locator("#choice [name=joint]").select_option("")
    expect(page.locator("#trajectories .panel")).to_have_count(7)
    page.reload()
    expect(page.locator("#trajectories .legend--place")).to_have_text("T3, iteration 1")
    expect(page.locator("#choice [name=unit]")).to_have_value("rad")


def test_figures_follow_a_label(page: Page, studio: Studio) -> None:
    experiment = studio.seed(iterations_done=1, train=4, held_out=0, waiting_labels=4)
    open_dashboard(page, studio, experiment)
    expect(page.locator("#success")).to_contain_text("No trial is labelled yet")
    with studio.database.transaction() as session:
        trial = session.scalars(select(Trial.id).where(Trial.purpose == "gate")).first()
        session.add(
            LabelEvent(trial_id=trial, author_id=studio.user.id, outcome="success", request_key="one label")
        )
    expect(page.locator("#success .count")).to_have_text("1/1")
    expect(page.locator("#success .owed")).to_have_text(["3 not", "labelled yet"])
    expect(page.locator("#outcomes .mark--success").first).to_be_visible()


def test_figures_can_be_saved(page: Page, studio: Studio, tmp_path: Path) -> None:
    experiment = studio.seed(
        iterations_done=1, planned_iterations=1, train=4, held_out=2, name="Almonds & Co"
    )
    open_dashboard(page, studio, experiment)
    page.emulate_media(color_scheme="dark")
    for figure in ("success", "outcomes", "trajectories"):
        for kind in ("svg", "png", "csv"):
            with page.expect_download() as started:
                page.locator(f"#{figure} .figure-actions").get_by_text(kind.upper()).click()
            saved = tmp_path / started.value.suggested_filename
            started.value.save_as(saved)
            assert saved.name == f"almonds-co-{figure}.{kind}"
    assert (tmp_path / "almonds-co-success.png").read_bytes().startswith(PNG)
    drawn = (tmp_path / "almonds-co-outcomes.svg").read_text()
    assert "var(" not in drawn
    assert "class=" not in drawn
    root = ElementTree.fromstring(drawn)
    assert root[0].text == "Almonds & Co: outcomes and gates"
    assert root[1].get("fill") == "white"
    circles = [each for each in root.iter() if each.tag.endswith("circle")]
    assert {each.get("fill") for each in circles} == {"rgb(23, 104, 63)"}, (
        "the light palette, also in the dark"
    )


def test_without_an_iteration_the_page_says_what_to_do(page: Page, studio: Studio) -> None:
    experiment = studio.seed(iterations_done=0, demonstrated=2)
    page.goto(f"{studio.url}/experiments/{experiment}/dashboard")
    expect(page.get_by_role("heading", name="No iteration yet")).to_be_visible()
    expect(page.get_by_role("button", name="Record demonstrations")).to_be_visible()
