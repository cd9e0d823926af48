"""Every page against WCAG 2.2 AA as far as a program can tell, in light and dark, by axe-core."""

from pathlib import Path

from playwright.sync_api import Page

from app.accounts.models import User

from .blind_session import begun
from .conftest import Studio

AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
EVERY = {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
CONTRAST = {"type": "rule", "values": ["color-contrast"]}
"""All that another colour scheme can break."""
CHECK = """
async (rules) => (await axe.run(document, { runOnly: rules })).violations.flatMap(
  ({ id, nodes }) => nodes.map(({ target, failureSummary }) => `${id}: ${target} ${failureSummary}`),
)
"""


def test_no_page_breaks_a_rule(page: Page, studio: Studio, console_errors: list[str]) -> None:
    draft = f"/experiments/{studio.seed(iterations_done=0, demonstrated=2, name='Draft')}"
    experiment = f"/experiments/{studio.seed(iterations_done=2, waiting_labels=2, planned_iterations=3)}"
    with studio.database.transaction() as session:
        session.get_one(User, studio.user.id).role = "admin"
    paths = ["/", "/help", "/sign-in", "/account", "/users", "/audit", "/bin", "/restore", "/sample", "/api"]
    paths += ["/no/such/page", "/cells", "/cells/1", "/cells/1/watch", "/cells/1/camera", "/rubrics/scooping"]
    blind = f"/evaluations/{begun(studio, curves='shown', second_rater_percent='50')}"
    paths += ["/label", "/evaluations", "/evaluations/new", "/evaluations/planner"]
    paths += [blind, f"{blind}/label"]
    paths += ["/dashboards", "/dashboards/methods", "/dashboards/work"]
    paths += ["/experiments", "/experiments/new", experiment, draft]
    paths += [f"{draft}/demonstrations", f"{draft}/demonstrations/import", "/regions/1/guide"]
    paths += [f"{experiment}/{tab}" for tab in ("demonstrations", "label", "gates", "dashboard", "exports")]
    paths += ["/trials/1", "/demonstrations/1"]
    found = {}
    for path in paths:
        page.emulate_media(color_scheme="light", reduced_motion="reduce")
        page.goto(studio.url + path, wait_until="load")
        page.wait_for_timeout(150)  # for what scripts draw
        page.evaluate(AXE.read_text())
        broken = page.evaluate(CHECK, EVERY)
        page.emulate_media(color_scheme="dark", reduced_motion="reduce")
        if broken := broken + page.evaluate(CHECK, CONTRAST):
            found[path] = broken
    assert found == {}
    console_errors.clear()  # a page that is not there, and cells that do not answer
