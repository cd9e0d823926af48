import pytest
from playwright.sync_api import Browser, Page, expect

from app.accounts.models import User
from app.accounts.own_account import sign_out_everywhere
from app.cells.models import Cell

from .conftest import Studio, note_complaints

RECONNECTS_WITHIN_MS = 2500
PASSWORD = "four words make one"


def test_an_invited_person_sets_a_password_and_signs_in_by_it(
    page: Page, studio: Studio, browser: Browser, console_errors: list[str]
) -> None:
    with studio.database.transaction() as session:
        session.get_one(User, studio.user.id).role = "admin"
    page.goto(f"{studio.url}/users")
    page.get_by_label("Name").fill("Ben")
    page.get_by_label("Role", exact=True).select_option("operator")
    page.get_by_role("button", name="Make a link").click()
    link = page.get_by_label("One-time link for Ben")
    page.get_by_role("button", name="Copy").click()
    expect(page.locator("[data-copy]")).to_have_text("Copied")

    guest = browser.new_context().new_page()
    note_complaints(guest, console_errors)
    guest.goto(link.input_value())
    expect(guest.get_by_role("link", name="New experiment")).to_have_count(0)
    guest.get_by_role("link", name="Ben (operator)").click()
    guest.get_by_label("New password").fill(PASSWORD)
    guest.get_by_role("button", name="Set the password").click()
    expect(guest.get_by_text("The password is set.")).to_be_visible()
    guest.get_by_role("button", name="Sign out", exact=True).click()

    guest.get_by_label("Name").fill("Ben")
    guest.get_by_label("Password", exact=True).fill(PASSWORD)
    guest.keyboard.press("Enter")
    expect(guest.get_by_role("heading", name="What waits for whom")).to_be_visible()

    page.on("dialog", lambda dialog: dialog.accept())
    row = page.get_by_role("row", name="Ben")
    row.get_by_role("button", name="Deactivate").click()
    expect(row.get_by_role("button", name="Reactivate")).to_be_visible()
    guest.reload()
    expect(guest.get_by_role("heading", name="Please sign in")).to_be_visible()
    console_errors[:] = [each for each in console_errors if "401" not in each]
    guest.context.close()


@pytest.mark.parametrize("path", ["/", "/label", "/cells/1"])
def test_an_open_page_says_that_one_was_signed_out_and_asks_no_more(
    page: Page, studio: Studio, console_errors: list[str], path: str
) -> None:
    with studio.database.transaction() as session:
        session.add(Cell(name="north", robot="simulated"))
    with page.expect_response(lambda answer: answer.url.split("?")[0].endswith("/events")):
        page.goto(f"{studio.url}{path}")
    said = page.get_by_role("alert").filter(has_text="You are signed out")
    expect(said).to_have_count(0)
    with studio.database.transaction() as session:
        sign_out_everywhere(session, session.merge(studio.user))
    expect(said.get_by_role("button", name="Sign in")).to_be_visible()
    if path == "/cells/1":
        expect(page.locator("[data-note]")).to_have_text("You are signed out: this page stops nothing.")

    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("websocket", lambda socket: asked.append(socket.url))
    page.wait_for_timeout(RECONNECTS_WITHIN_MS)
    assert asked == []
    console_errors.clear()  # a lost stream is one, and so is the answer that nobody is signed in
