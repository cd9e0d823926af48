import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import select, update

from app.accounts.models import BrowserSession, SignInToken, User
from app.accounts.service import ensure_user, issue_sign_in_token, redeem_sign_in_token
from app.accounts.sign_in_limits import SignInLimits
from app.platform.database import Database
from app.platform.errors import Invalid, NotSignedIn
from app.platform.model import now

from ..audited import audited
from .facts import GOOD_PASSWORD, is_signed_in, set_password_of


@pytest.fixture
def token(database: Database, user: User) -> str:
    with database.transaction() as session:
        return issue_sign_in_token(session, user, valid_minutes=5)


def test_link_signs_in_and_survives_the_next_request(anonymous: TestClient, token: str) -> None:
    answer = anonymous.get("/sign-in", params={"token": token})
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert is_signed_in(anonymous)


def test_used_link_says_how_to_get_another(anonymous: TestClient, token: str) -> None:
    anonymous.get("/sign-in", params={"token": token})
    anonymous.cookies.clear()
    answer = anonymous.get("/sign-in", params={"token": token})
    assert answer.status_code == 401
    assert re.search("already used.*ask an admin.*hndp sign-in-link", answer.text)
    assert not is_signed_in(anonymous)


def test_expired_link_says_how_to_get_another(anonymous: TestClient, token: str, database: Database) -> None:
    with database.transaction() as session:
        stored = session.scalars(select(SignInToken)).one()
        stored.expires_at = now() - timedelta(seconds=1)
    answer = anonymous.get("/sign-in", params={"token": token})
    assert answer.status_code == 401
    assert re.search("expired.*hndp sign-in-link", answer.text)


def test_made_up_token_is_refused(anonymous: TestClient, database: Database) -> None:
    assert anonymous.get("/sign-in", params={"token": "guess"}).status_code == 401
    assert audited(database, "sign_in_failed")


def test_secrets_are_stored_only_as_hashes(client: TestClient, token: str, database: Database) -> None:
    with database.reading() as session:
        assert token not in session.scalars(select(SignInToken.token_hash)).all()
        (key_hash,) = session.scalars(select(BrowserSession.key_hash)).all()
    assert key_hash not in client.cookies["hndp_session"]


def test_token_works_once_even_without_a_browser(token: str, database: Database, user: User) -> None:
    with database.transaction() as session:
        assert redeem_sign_in_token(session, token).id == user.id
    with database.transaction() as session, pytest.raises(NotSignedIn):
        redeem_sign_in_token(session, token)


def test_sign_out_ends_the_session_for_good(client: TestClient, database: Database) -> None:
    kept = client.cookies["hndp_session"]
    assert client.post("/sign-out").status_code == 303
    assert not is_signed_in(client)
    client.cookies.set("hndp_session", kept)
    assert not is_signed_in(client), "a copy of the cookie works no longer"
    assert audited(database, "signed_out")


def test_every_sign_in_begins_another_session(client: TestClient, token: str) -> None:
    first = client.cookies["hndp_session"]
    client.get("/sign-in", params={"token": token})
    assert client.cookies["hndp_session"] != first
    assert is_signed_in(client)
    client.cookies.set("hndp_session", first)
    assert not is_signed_in(client), "the one before has ended"


def test_a_session_ends_when_its_time_is_over(client: TestClient, database: Database) -> None:
    with database.transaction() as session:
        session.execute(update(BrowserSession).values(expires_at=now() - timedelta(seconds=1)))
    assert not is_signed_in(client)


def test_forged_cookie_is_nobody(anonymous: TestClient) -> None:
    anonymous.cookies.set("hndp_session", "eyJ1c2VyX2lkIjogMX0=.forged.signature")
    assert not is_signed_in(anonymous)


@pytest.mark.parametrize(("name", "role"), [("", "admin"), ("x" * 81, "admin"), ("Operator", "emperor")])
def test_unusable_user_is_refused(database: Database, name: str, role: str) -> None:
    with database.transaction() as session, pytest.raises(Invalid):
        ensure_user(session, name, role)


def test_nobody_signs_in_as_the_simulated_operator(database: Database) -> None:
    with database.transaction() as session:
        simulated = ensure_user(session, "Simulated operator", "simulated")
        with pytest.raises(Invalid, match="simulated"):
            issue_sign_in_token(session, simulated, valid_minutes=5)


def test_password_signs_in(anonymous: TestClient, database: Database, user: User) -> None:
    set_password_of(database, user, GOOD_PASSWORD)
    answer = anonymous.post("/sign-in", data={"name": f" {user.name} ", "password": GOOD_PASSWORD})
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert is_signed_in(anonymous)
    assert audited(database, "signed_in") == ["by password"]


def test_a_refusal_does_not_tell_who_exists(anonymous: TestClient, database: Database, user: User) -> None:
    set_password_of(database, user, GOOD_PASSWORD)
    with database.transaction() as session:
        gone = ensure_user(session, "Gone", "admin")
        gone.deactivated_at = now()
    set_password_of(database, gone, GOOD_PASSWORD)
    tried = (user.name, "another password"), ("Nobody", GOOD_PASSWORD), ("Gone", GOOD_PASSWORD)
    answers = [anonymous.post("/sign-in", data={"name": name, "password": word}) for name, word in tried]
    assert {answer.status_code for answer in answers} == {401}
    told = {answer.text.replace(name, "NAME") for answer, (name, _) in zip(answers, tried, strict=True)}
    assert len(told) == 1
    assert "do not fit" in told.pop()
    assert len(audited(database, "sign_in_failed")) == 3


def test_an_unknown_name_costs_as_much_as_a_known_one(
    anonymous: TestClient, database: Database, user: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Counted, not timed: each try verifies exactly one argon2 hash."""
    verified: list[str] = []

    def count(password: str, stored: str) -> bool:
        verified.append(stored)
        return False

    set_password_of(database, user, GOOD_PASSWORD)
    monkeypatch.setattr("app.accounts.passwords._hasher.verify", count)
    for name in (user.name, "Nobody"):
        anonymous.post("/sign-in", data={"name": name, "password": GOOD_PASSWORD})
    of_known, of_unknown = verified
    assert of_known.split("$")[:4] == of_unknown.split("$")[:4], "one hash each, at the same cost"


def test_guessing_is_stopped_for_known_and_unknown_names_alike(
    web_app: FastAPI, anonymous: TestClient, database: Database, user: User
) -> None:
    web_app.state.sign_in_limits = SignInLimits(per_account="2/minute", per_address="100/minute")
    set_password_of(database, user, GOOD_PASSWORD)
    for name in (user.name, "Nobody"):
        for expected in (401, 401, 429):
            answer = anonymous.post("/sign-in", data={"name": name, "password": "another password"})
            assert answer.status_code == expected
    assert anonymous.post("/sign-in", data={"name": user.name, "password": GOOD_PASSWORD}).status_code == 429


def test_guessing_many_names_from_one_address_is_stopped(web_app: FastAPI, anonymous: TestClient) -> None:
    web_app.state.sign_in_limits = SignInLimits(per_account="100/minute", per_address="3/minute")
    codes = [
        anonymous.post("/sign-in", data={"name": f"Name {n}", "password": GOOD_PASSWORD}).status_code
        for n in range(4)
    ]
    assert codes == [401, 401, 401, 429]


def test_signing_in_forgives_the_tries_before(
    web_app: FastAPI, anonymous: TestClient, database: Database, user: User
) -> None:
    web_app.state.sign_in_limits = SignInLimits(per_account="2/minute", per_address="100/minute")
    set_password_of(database, user, GOOD_PASSWORD)
    for _ in range(2):
        anonymous.post("/sign-in", data={"name": user.name, "password": "another password"})
        answer = anonymous.post("/sign-in", data={"name": user.name, "password": GOOD_PASSWORD})
        assert answer.status_code == 303


def test_deactivation_takes_effect_with_the_next_request(
    sign_in: Callable[[str, str], TestClient], client: TestClient, user: User
) -> None:
    admin = sign_in("Ada", "admin")
    assert is_signed_in(client)
    admin.post(f"/users/{user.id}/deactivate")
    assert not is_signed_in(client)
