from playwright.sync_api import Page, expect

from .conftest import Studio


def test_one_time_link_opens_the_studio(page: Page, studio: Studio) -> None:
    page.goto(f"{studio.url}/sign-in")
    expect(page.get_by_role("main")).to_be_visible()
