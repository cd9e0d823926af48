"""No page asks for what its content security policy forbids: scripts, styles or frames of another kind."""

from playwright.sync_api import Page

from app.accounts.models import User

from .conftest import Studio

WATCH = """
window.violations = [];
document.addEventListener("securitypolicyviolation", ({ effectiveDirective, blockedURI, sourceFile }) => {
  window.violations.push(`${effectiveDirective} ${blockedURI} ${sourceFile}`);
});
"""


def test_no_page_violates_its_policy(page: Page, studio: Studio, console_errors: list[str]) -> None:
    draft = f"/experiments/{studio.seed(iterations_done=0, name='Draft')}"
    experiment = f"/experiments/{studio.seed(iterations_done=1, waiting_labels=2)}"
    with studio.database.transaction() as session:
        session.get_one(User, studio.user.id).role = "admin"
    page.add_init_script(WATCH)
    paths = ["/", "/help", "/sign-in", "/account", "/users", "/audit", "/no/such/page", "/cells", "/cells/1"]
    paths += ["/experiments", "/experiments/new", experiment, draft, f"{draft}/demonstrations/import"]
    paths += [f"{experiment}/{tab}" for tab in ("demonstrations", "label", "dashboard", "exports")]
    paths += ["/bin", "/restore"]
    paths += ["/trials/1", "/demonstrations/1"]
    found = {}
    for path in paths:
        page.goto(studio.url + path, wait_until="load")
        page.wait_for_timeout(300)
        if violations := page.evaluate("window.violations"):
            found[path] = violations
    assert found == {}
    console_errors[:] = [each for each in console_errors if "no/such/page" not in each]


def test_the_policy_forbids_inline_scripts_and_styles(
    page: Page, studio: Studio, console_errors: list[str]
) -> None:
    page.goto(f"{studio.url}/help")
    page.evaluate("""() => {
      document.body.insertAdjacentHTML("beforeend", '<p id="styled" style="color: rgb(1, 2, 3)">x</p>');
      const script = document.createElement("script");
      script.textContent = "window.ran = true";
      document.body.append(script);
    }""")
    assert page.evaluate("window.ran") is None
    assert page.evaluate("getComputedStyle(document.getElementById('styled')).color") != "rgb(1, 2, 3)"
    assert len(console_errors) == 2
    console_errors.clear()
