import re
from collections.abc import Callable
from datetime import timedelta

from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import select, update

from app.accounts.models import ApiToken, BrowserSession, Password, User
from app.platform.database import Database
from app.platform.model import now

from ..audited import audited
from .facts import GOOD_PASSWORD, is_signed_in, set_password_of


def new_token(browser: TestClient, scope: str = "viewer", days: int = 1) -> str:
    answer = browser.post("/account/tokens", data={"token_name": "script", "scope": scope, "days": days})
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    found = re.search(r'value="(hndp_[\w-]{43})"', answer.text)
    assert found is not None
    return found[1]


def asked_with(app: FastAPI, token: str, method: str, path: str) -> int:
    with TestClient(app) as program:
        return program.request(method, path, headers={"authorization": f"Bearer {token}"}).status_code


def test_a_name_is_changed_and_the_change_is_audited(client: TestClient, database: Database) -> None:
    assert "Ada" in client.post("/account/name", data={"name": " Ada "}).text
    assert audited(database, "user_renamed") == ["Operator is now Ada"]


def test_nobody_takes_the_name_of_another(client: TestClient, sign_in) -> None:
    sign_in("Ben", "viewer")
    assert client.post("/account/name", data={"name": "Ben"}).status_code == 422


def test_a_password_that_is_guessed_early_is_not_set(
    client: TestClient, user: User, database: Database
) -> None:
    answer = client.post("/account/password", data={"password": f"{user.name} 2026!"})
    assert answer.status_code == 422
    assert "three or four words" in answer.text
    with database.reading() as session:
        assert session.get(Password, user.id) is None


def test_setting_a_password_signs_other_browsers_out(
    client: TestClient, sign_in: Callable[[str, str], TestClient], user: User, database: Database
) -> None:
    other = sign_in(user.name, user.role)
    assert client.post("/account/password", data={"password": GOOD_PASSWORD}).status_code == 200
    assert is_signed_in(client)
    assert not is_signed_in(other)
    assert audited(database, "password_set")


def test_changing_a_password_takes_the_present_one(
    client: TestClient, user: User, database: Database
) -> None:
    set_password_of(database, user, GOOD_PASSWORD)
    another = {"password": "other words entirely"}
    assert client.post("/account/password", data=another).status_code == 422
    assert client.post("/account/password", data={**another, "former": "wrong words"}).status_code == 422
    assert client.post("/account/password", data={**another, "former": GOOD_PASSWORD}).status_code == 200


def test_one_browser_is_signed_out_from_another(
    client: TestClient, sign_in: Callable[[str, str], TestClient], user: User, database: Database
) -> None:
    other = sign_in(user.name, user.role)
    with database.reading() as session:
        newest = max(session.scalars(select(BrowserSession.id)))
    assert client.post(f"/account/sessions/{newest}/end").status_code == 200
    assert is_signed_in(client)
    assert not is_signed_in(other)


def test_nobody_signs_out_somebody_else(
    client: TestClient, sign_in: Callable[[str, str], TestClient], database: Database
) -> None:
    other = sign_in("Ben", "admin")
    with database.reading() as session:
        newest = max(session.scalars(select(BrowserSession.id)))
    assert client.post(f"/account/sessions/{newest}/end").status_code == 404
    assert is_signed_in(other)


def test_signing_out_everywhere_ends_this_session_too(
    client: TestClient, sign_in: Callable[[str, str], TestClient], user: User
) -> None:
    other = sign_in(user.name, user.role)
    assert client.post("/account/sessions/everywhere/end").headers["hx-redirect"] == "/sign-in"
    assert not is_signed_in(client)
    assert not is_signed_in(other)


def test_a_token_reads_but_does_no_more_than_its_scope(web_app: FastAPI, client: TestClient) -> None:
    token = new_token(client, "viewer")
    assert asked_with(web_app, token, "GET", "/experiments") == 200
    assert asked_with(web_app, token, "POST", "/labels/undo") == 403
    assert asked_with(web_app, token, "GET", "/account") == 403, "a token changes no account"


def test_a_token_is_for_no_more_than_its_owner_may(client: TestClient) -> None:
    for scope in ("admin", "metrics", "emperor"):
        answer = client.post("/account/tokens", data={"token_name": "script", "scope": scope, "days": 1})
        assert answer.status_code == 422


def test_a_token_ends_by_revocation_time_and_deactivation(
    web_app: FastAPI, client: TestClient, database: Database, user: User
) -> None:
    revoked, expired, of_somebody_gone = (new_token(client) for _ in range(3))
    with database.reading() as session:
        first, second, _ = session.scalars(select(ApiToken.id).order_by(ApiToken.id)).all()
    assert client.post(f"/account/tokens/{first}/revoke").status_code == 200
    assert asked_with(web_app, revoked, "GET", "/experiments") == 401
    with database.transaction() as session:
        past = now() - timedelta(seconds=1)
        session.execute(update(ApiToken).where(ApiToken.id == second).values(expires_at=past))
    assert asked_with(web_app, expired, "GET", "/experiments") == 401
    assert asked_with(web_app, of_somebody_gone, "GET", "/experiments") == 200
    with database.transaction() as session:
        session.get_one(User, user.id).deactivated_at = now()
    assert asked_with(web_app, of_somebody_gone, "GET", "/experiments") == 401


def test_a_wrong_token_counts_more_than_a_cookie(client: TestClient) -> None:
    assert client.get("/experiments", headers={"authorization": "Bearer hndp_guess"}).status_code == 401


def test_the_use_of_a_token_is_noted(web_app: FastAPI, client: TestClient, database: Database) -> None:
    asked_with(web_app, new_token(client), "GET", "/experiments")
    with database.reading() as session:
        assert session.scalars(select(ApiToken.used_at)).one() is not None


def test_the_page_lists_sessions_and_tokens_but_no_secret(client: TestClient) -> None:
    token = new_token(client)
    page = client.get("/account").text
    assert "this one" in page
    assert "script" in page
    assert token not in page
