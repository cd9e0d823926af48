import pytest
from fastapi.testclient import TestClient

from app.accounts.models import User
from app.accounts.service import issue_sign_in_token
from app.main import create_app
from app.platform.database import Database
from app.platform.settings import Settings


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "http://evil.example"},
        {"origin": "null"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site", "origin": "http://testserver"},
    ],
)
def test_another_site_changes_nothing(client: TestClient, headers: dict[str, str]) -> None:
    answer = client.post("/sign-out", headers=headers)
    assert answer.status_code == 403
    assert "another site" in answer.text
    assert "hndp_session" in client.cookies


@pytest.mark.parametrize(
    "headers", [{"origin": "http://testserver"}, {"sec-fetch-site": "same-origin"}, {}], ids=str
)
def test_own_pages_and_programs_may(client: TestClient, headers: dict[str, str]) -> None:
    assert client.post("/sign-out", headers=headers).status_code == 303


def test_every_answer_forbids_foreign_and_inline_code_and_frames(anonymous: TestClient) -> None:
    for path in ("/sign-in", "/no/such/page", "/health", "/static/icon.svg"):
        headers = anonymous.get(path).headers
        policy = headers["content-security-policy"]
        assert "default-src 'self'" in policy
        assert "script-src" not in policy, "scripts follow default-src: none inline, none from elsewhere"
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert "gamepad=(self)" in headers["permissions-policy"]


def test_https_is_kept_to_where_the_studio_is_reached_by_it(settings: Settings) -> None:
    for address, by_https in (("https://studio.example", True), ("http://studio.example", False)):
        app = create_app(settings.model_copy(update={"public_url": address}))
        with TestClient(app, follow_redirects=False) as browser:
            answer = browser.post("/sign-in", data={"name": "Ada", "password": "no such password"})
            assert ("strict-transport-security" in answer.headers) == by_https


def test_the_cookie_is_kept_from_scripts_and_other_sites(
    settings: Settings, database: Database, user: User
) -> None:
    for address, by_https in (("https://studio.example", True), ("http://studio.example", False)):
        app = create_app(settings.model_copy(update={"public_url": address}))
        with database.transaction() as session:
            token = issue_sign_in_token(session, session.merge(user), valid_minutes=5)
        with TestClient(app, follow_redirects=False) as browser:
            cookie = browser.get("/sign-in", params={"token": token}).headers["set-cookie"].lower()
        assert "httponly" in cookie
        assert "samesite=lax" in cookie
        assert ("secure" in cookie) == by_https
        assert cookie.startswith("__host-") == by_https
