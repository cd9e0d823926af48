import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import select

from app.accounts.current_user import CurrentUser
from app.accounts.models import SignInToken, User
from app.accounts.service import ensure_user, issue_sign_in_token, redeem_sign_in_token
from app.platform.database import Database
from app.platform.errors import Invalid, NotSignedIn
from app.platform.model import now


@pytest.fixture(autouse=True)
def who(web_app: FastAPI) -> None:
    """A page that answers with the name of who is signed in, read or written."""

    def name(user: CurrentUser) -> str:
        return user.name

    web_app.add_api_route("/who", name, methods=["GET", "POST"])


@pytest.fixture
def token(database: Database, user: User) -> str:
    with database.transaction() as session:
        return issue_sign_in_token(session, user, valid_minutes=5)


def test_link_signs_in_and_survives_the_next_request(anonymous: TestClient, token: str) -> None:
    answer = anonymous.get("/sign-in", params={"token": token})
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert anonymous.get("/who").status_code == 200
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie


def test_used_link_says_how_to_get_another(anonymous: TestClient, token: str) -> None:
    anonymous.get("/sign-in", params={"token": token})
    anonymous.cookies.clear()
    answer = anonymous.get("/sign-in", params={"token": token})
    assert answer.status_code == 401
    assert re.search("already used.*hndp sign-in-link.*restart", answer.text)
    assert anonymous.get("/who").status_code == 401


def test_expired_link_says_how_to_get_another(anonymous: TestClient, token: str, database: Database) -> None:
    with database.transaction() as session:
        stored = session.scalars(select(SignInToken)).one()
        stored.expires_at = now() - timedelta(seconds=1)
    answer = anonymous.get("/sign-in", params={"token": token})
    assert answer.status_code == 401
    assert re.search("expired.*hndp sign-in-link", answer.text)


def test_made_up_token_is_refused(anonymous: TestClient) -> None:
    assert anonymous.get("/sign-in", params={"token": "guess"}).status_code == 401


def test_token_is_stored_only_as_a_hash(token: str, database: Database) -> None:
    with database.reading() as session:
        assert token not in session.scalars(select(SignInToken.token_hash)).all()


def test_token_works_once_even_without_a_browser(token: str, database: Database, user: User) -> None:
    with database.transaction() as session:
        assert redeem_sign_in_token(session, token).id == user.id
    with database.transaction() as session, pytest.raises(NotSignedIn):
        redeem_sign_in_token(session, token)


def test_sign_out_ends_the_session(client: TestClient) -> None:
    assert client.post("/sign-out").status_code == 303
    assert client.get("/who").status_code == 401


def test_forged_cookie_is_nobody(anonymous: TestClient) -> None:
    anonymous.cookies.set("hndp_session", "eyJ1c2VyX2lkIjogMX0=.forged.signature")
    assert anonymous.get("/who").status_code == 401


def test_viewer_changes_nothing(sign_in: Callable[[str, str], TestClient]) -> None:
    viewer = sign_in("Visitor", "viewer")
    assert viewer.get("/who").status_code == 200
    assert viewer.post("/who").status_code == 403


@pytest.mark.parametrize(("name", "role"), [("", "admin"), ("x" * 81, "admin"), ("Operator", "emperor")])
def test_unusable_user_is_refused(database: Database, name: str, role: str) -> None:
    with database.transaction() as session, pytest.raises(Invalid):
        ensure_user(session, name, role)


def test_nobody_signs_in_as_the_simulated_operator(database: Database) -> None:
    with database.transaction() as session:
        simulated = ensure_user(session, "Simulated operator", "simulated")
        with pytest.raises(Invalid, match="simulated"):
            issue_sign_in_token(session, simulated, valid_minutes=5)
