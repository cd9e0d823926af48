"""All that a person does with an experiment, from `hndp serve` to the dashboard, on the real studio."""

from playwright.sync_api import Page, expect

from .whole_loop import WORK_MS, create_experiment, demonstrate, judge, shown, start_and_label


def test_from_the_printed_link_to_the_counted_success(served_page: Page) -> None:
    page = served_page
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
