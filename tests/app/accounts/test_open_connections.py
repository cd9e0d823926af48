"""What stays open ends once its user would be let in no longer."""

import asyncio
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta

import anyio
import httpx
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import event, select, update
from sqlalchemy.exc import OperationalError

from app.accounts.administration import change_role, deactivate, reset
from app.accounts.current_user import SignedIn
from app.accounts.models import BrowserSession, User
from app.accounts.open_connections import LOOK_EVERY_S, MayStay, OpenConnections
from app.accounts.own_account import (
    make_token,
    revoke_token,
    set_password,
    sign_out_everywhere,
    sign_out_session,
)
from app.accounts.permissions import granted
from app.accounts.repository import AccountRepository
from app.accounts.service import ensure_user
from app.accounts.sign_in import Visitor, begin_session
from app.platform.database import Database
from app.platform.model import now
from tests.app.cells.conftest import serve

ENDS_WITHIN_S = 10.0


@dataclass
class Clock:
    seconds: float = 0.0

    def __call__(self) -> float:
        return self.seconds

    def next_look(self) -> None:
        self.seconds += LOOK_EVERY_S + 0.001


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def connections(database: Database, clock: Clock) -> OpenConnections:
    return OpenConnections(database, clock)


@pytest.fixture
def admin(database: Database) -> User:
    with database.transaction() as session:
        return ensure_user(session, "Ada", "admin")


def in_a_browser(database: Database, user: User) -> SignedIn:
    with database.transaction() as session:
        begin_session(session, session.merge(user), "link", Visitor("", ""))
        session_id = session.scalars(select(BrowserSession.id).order_by(BrowserSession.id.desc())).first()
    return SignedIn(user.id, user.name, user.role, granted(user.role), None, session_id=session_id)


def by_token(database: Database, user: User, scope: str) -> SignedIn:
    with database.transaction() as session:
        make_token(session, session.merge(user), "script", scope, days=1)
        token_id = AccountRepository(session).tokens_of(user.id)[0].id
    return SignedIn(user.id, user.name, user.role, granted(user.role, scope), None, token_id=token_id)


def asked(may_stay: MayStay) -> bool:
    """In a thread of its own: browser tests leave an event loop running in the main one."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(anyio.run, may_stay).result()


def expire(session, asker: SignedIn) -> None:
    past = now() - timedelta(seconds=1)
    session.execute(
        update(BrowserSession).where(BrowserSession.id == asker.session_id).values(expires_at=past)
    )


ENDS_A_SESSION = {
    "deactivated": lambda session, admin, user, asker: deactivate(session, admin, user.id),
    "another role": lambda session, admin, user, asker: change_role(session, admin, user.id, "viewer"),
    "reset": lambda session, admin, user, asker: reset(session, admin, user.id, 5),
    "signed out": lambda session, admin, user, asker: sign_out_session(session, user, asker.session_id),
    "signed out everywhere": lambda session, admin, user, asker: sign_out_everywhere(session, user),
    "another password": lambda session, admin, user, asker: set_password(session, user, "hash", None),
    "expired": lambda session, admin, user, asker: expire(session, asker),
}
ENDS_A_TOKEN = {
    "deactivated": lambda session, admin, user, asker: deactivate(session, admin, user.id),
    "a lower role": lambda session, admin, user, asker: change_role(session, admin, user.id, "viewer"),
    "revoked": lambda session, admin, user, asker: revoke_token(session, user, asker.token_id),
}


def test_whoever_stays_signed_in_stays(
    connections: OpenConnections, clock: Clock, database: Database, user: User
) -> None:
    with connections.opened(in_a_browser(database, user), "operator") as may_stay:
        for _ in range(3):
            clock.next_look()
            assert asked(may_stay)


@pytest.mark.parametrize("end", ENDS_A_SESSION.values(), ids=ENDS_A_SESSION.keys())
def test_what_a_browser_opened_ends(
    end: Callable, connections: OpenConnections, clock: Clock, database: Database, user: User, admin: User
) -> None:
    asker, other = in_a_browser(database, user), in_a_browser(database, admin)
    with connections.opened(asker, "viewer") as may_stay, connections.opened(other, "viewer") as others:
        with database.transaction() as session:
            end(session, session.merge(admin), session.merge(user), asker)
        clock.next_look()
        assert not asked(may_stay)
        assert asked(others), "what others have open goes on"


@pytest.mark.parametrize("end", ENDS_A_TOKEN.values(), ids=ENDS_A_TOKEN.keys())
def test_what_a_program_opened_ends(
    end: Callable, connections: OpenConnections, clock: Clock, database: Database, user: User, admin: User
) -> None:
    asker = by_token(database, user, "operator")
    with connections.opened(asker, "operator") as may_stay:
        clock.next_look()
        assert asked(may_stay)
        with database.transaction() as session:
            end(session, session.merge(admin), session.merge(user), asker)
        clock.next_look()
        assert not asked(may_stay)


def test_one_look_answers_all_that_are_open(
    connections: OpenConnections, clock: Clock, database: Database, user: User
) -> None:
    askers, statements = [in_a_browser(database, user) for _ in range(20)], []
    event.listen(database.engine, "before_cursor_execute", lambda *given: statements.append(given[2]))
    with ExitStack() as open_ones:
        # five tabs of each browser
        may_stay = [open_ones.enter_context(connections.opened(each, "viewer")) for each in askers * 5]

        async def ask_all() -> None:
            assert all(await asyncio.gather(*(each() for each in may_stay)))

        for _ in range(3):
            clock.next_look()
            with ThreadPoolExecutor(1) as thread:
                thread.submit(anyio.run, ask_all).result()
    assert len([each for each in statements if "browser_sessions" in each]) == 3


def test_a_database_that_is_away_turns_nobody_out(
    connections: OpenConnections,
    clock: Clock,
    database: Database,
    user: User,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def away() -> None:
        raise OperationalError("SELECT", {}, ConnectionError())

    with connections.opened(in_a_browser(database, user), "viewer") as may_stay:
        monkeypatch.setattr(database, "reading", away)
        clock.next_look()
        assert asked(may_stay)


@pytest.fixture
def studio_url(web_app: FastAPI) -> Iterator[str]:
    yield from serve(web_app)


def test_live_news_end_and_are_not_to_be_had_again(
    studio_url: str, client: TestClient, database: Database, user: User
) -> None:
    browser = {"cookies": dict(client.cookies), "timeout": ENDS_WITHIN_S}
    with httpx.stream("GET", f"{studio_url}/events", **browser) as news:
        parts = news.iter_raw()  # held: a dropped iterator would end the answer
        assert b"event:" in next(parts)
        with database.transaction() as session:
            session.get_one(User, user.id).deactivated_at = now()
        deadline = time.monotonic() + ENDS_WITHIN_S
        for _ in parts:
            assert time.monotonic() < deadline
    assert httpx.get(f"{studio_url}/events", **browser).status_code == 401
