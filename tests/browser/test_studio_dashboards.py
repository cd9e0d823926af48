"""The dashboards over all experiments in Chromium: views in the address, bars, and following labels."""

import re
from datetime import timedelta

from playwright.sync_api import Page, expect
from sqlalchemy import select

from app.platform.model import now
from app.trials.models import LabelEvent, Trial

from .conftest import Studio


def test_a_view_stands_in_the_address(page: Page, studio: Studio) -> None:
    for name in ("Bowls", "Almonds"):
        studio.seed(name=name, iterations_done=1, planned_iterations=1, train=4, held_out=3)
    page.goto(studio.url)
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Dashboards").click()
    rows = page.locator("table.overview tbody th")
    expect(rows).to_have_text(["Almonds", "Bowls"])
    page.get_by_role("link", name="Experiment", exact=True).click()
    expect(page).to_have_url(re.compile(r"/dashboards\?sort=name$"))
    page.get_by_role("link", name="Experiment", exact=True).click()
    expect(page).to_have_url(re.compile(r"/dashboards\?sort=-name$"))
    expect(rows).to_have_text(["Bowls", "Almonds"])
    page.get_by_label("Task", exact=True).select_option("scooping")
    page.get_by_role("button", name="Show").click()
    expect(page).to_have_url(re.compile(r"task=scooping.*sort=-name"))
    expect(rows).to_have_text(["Bowls", "Almonds"])
    page.get_by_role("navigation", name="Dashboards").get_by_role("link", name="Methods").click()
    expect(page.get_by_label("Task", exact=True)).to_have_value("scooping")
    expect(page.locator("table.methods")).to_contain_text("2 experiments")


def test_work_is_drawn_and_follows_labels(page: Page, studio: Studio) -> None:
    studio.seed(
        iterations_done=1, planned_iterations=1, train=4, held_out=3, begin=now() - timedelta(hours=30)
    )
    page.goto(f"{studio.url}/dashboards/work")
    bars = page.locator("#labels .day-bar")
    expect(bars.first).to_be_visible()
    bars.first.focus()
    expect(page.locator("#labels .tooltip")).to_contain_text("Operator")
    expect(page.locator("#labels .tooltip")).to_contain_text("labels")
    page.locator("#throughput summary").click()
    expect(page.locator("#throughput .number-table tbody tr").first).to_contain_text("simulated")
    given = page.locator("#work-summary .stat strong").first
    before = int(given.inner_text())
    with studio.database.transaction() as session:
        trial = session.scalars(select(Trial.id)).first()
        session.add(
            LabelEvent(trial_id=trial, author_id=studio.user.id, outcome="success", request_key="new")
        )
    expect(given).to_have_text(str(before + 1))
