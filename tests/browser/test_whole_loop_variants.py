"""The whole loop with another task and another method; a file of its own, to run beside the first."""

import re

from playwright.sync_api import Page, expect

from .whole_loop import WORK_MS, create_experiment, demonstrate, follow, judge, start_and_label


def test_writing_is_judged_beside_its_card_and_measured_afterwards(served_page: Page) -> None:
    page = served_page
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


def test_without_local_policies_one_iteration_ends_by_itself(
    served_page: Page, console_errors: list[str]
) -> None:
    page = served_page
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
