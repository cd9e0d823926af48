"""Who sends a request, and whether they may: asked once, before any route does anything."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Final

from fastapi import Depends, WebSocketException
from fastapi.requests import HTTPConnection
from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from app.accounts.models import User
from app.accounts.permissions import ANYONE, LADDER, METRICS, NEEDS, OWNER, granted
from app.accounts.repository import AccountRepository
from app.accounts.secret import hash_secret
from app.accounts.service import NEW_LINK
from app.platform.database import Database
from app.platform.errors import AppError, NotAllowed, NotSignedIn
from app.platform.model import now
from app.platform.requests import SessionDep
from app.platform.route_paths import path_of_route

SESSION_KEY: Final = "session"
"""Name in the signed cookie of the random key that names the session."""
SEEN_EVERY: Final = timedelta(minutes=5)
"""Least time between two notes that a session or token is in use: each is a write."""

NOT_SIGNED_IN: Final = 4401
"""Code with which a WebSocket is closed whose user is nobody, or nobody any more."""

_BEARER: Final = "bearer "
_NOT_ALLOWED: Final = 4403


@dataclass(frozen=True)
class SignedIn:
    """Who asks, as routes and pages name them: it outlives the look into the database.

    `session_id` is set in a browser, `token_id` for a program.
    """

    id: int
    name: str
    role: str
    grants: frozenset[str]
    seen_at: datetime | None
    session_id: int | None = None
    token_id: int | None = None

    def may(self, need: str) -> bool:
        return need in self.grants


async def permitted(connection: HTTPConnection) -> AsyncIterator[None]:
    """Let a request through to its route, or refuse it: a dependency of the whole application.

    Raises:
        NotSignedIn: the route is not for anyone, and nobody is signed in, or under a token that is not valid.
        NotAllowed: not for their role, or the token's scope.
    """
    asker = await run_in_threadpool(decide, connection)
    yield
    if asker is not None and (asker.seen_at is None or now() - asker.seen_at > SEEN_EVERY):
        await run_in_threadpool(_note_seen, connection.app.state.database, asker)


def decide(connection: HTTPConnection) -> SignedIn | None:
    """Return who asks, known to pages as `user` from here on; None for nobody, where anyone may.

    Raises:
        NotSignedIn, NotAllowed: as `permitted`; a WebSocket is closed with a code instead.
    """
    try:
        need = NEEDS.get(route_key(connection))
        asker = connection.state.user = _who(connection)
        _require(asker, need)
    except AppError as refusal:
        if connection.scope["type"] != "websocket":
            raise
        code = NOT_SIGNED_IN if isinstance(refusal, NotSignedIn) else _NOT_ALLOWED
        raise WebSocketException(code, refusal.message[:100]) from None
    return asker


def route_key(connection: HTTPConnection) -> str:
    """Method and path of the route that a request has come to, as the table of permissions names it."""
    method = "WS" if connection.scope["type"] == "websocket" else connection.scope["method"]
    return f"{method} {path_of_route(connection)}"


def who_asks(connection: HTTPConnection) -> SignedIn:
    """Who was let through to this route; not for routes that anyone may use."""
    return connection.state.user


def current_user(request: Request, session: SessionDep) -> User:
    """The row of who asks, in the request's own transaction."""
    return session.get_one(User, request.state.user.id)


AskerDep = Annotated[SignedIn, Depends(who_asks)]
CurrentUser = Annotated[User, Depends(current_user)]


def _note_seen(database: Database, asker: SignedIn) -> None:
    """After the answer: nobody waits for it."""
    with database.transaction() as session:
        AccountRepository(session).note_seen(asker.session_id, asker.token_id, now())


def _require(asker: SignedIn | None, need: str | None) -> None:
    if need == ANYONE:
        return
    if asker is None:
        raise NotSignedIn(f"You are not signed in. Sign in, or open a one-time link. {NEW_LINK}")
    if need is None:
        raise NotAllowed("Nobody may do this: the table of permissions does not name it.")
    if not asker.may(need):
        raise NotAllowed(_words(asker, need))


def _words(asker: SignedIn, need: str) -> str:
    if need == OWNER:
        return "A token cannot change an account: sign in in a browser."
    if asker.token_id is not None:
        return f"This token may not do that: it takes one for {need}s at least, and that role."
    if need == METRICS:
        return "Metrics are for admins, and for programs with a token for metrics."
    if asker.role == "viewer" and need == "operator":
        return "Viewers look on but change nothing. Ask an admin for another role."
    least = need if need == LADDER[-1] else f"{need} or higher"
    return f"This takes the role {least}; yours is {asker.role}. Ask an admin for another role."


def _who(connection: HTTPConnection) -> SignedIn | None:
    """A token, where one is sent, counts instead of the cookie. Who sends neither is not looked up: "alive"
    and "ready" must be answered without a database.

    Raises:
        NotSignedIn: the token is not valid.
    """
    authorization = connection.headers.get("authorization", "")
    key = connection.session.get(SESSION_KEY)
    if authorization.lower().startswith(_BEARER):
        with connection.app.state.database.reading() as session:
            return _of_token(session, authorization[len(_BEARER) :].strip())
    if isinstance(key, str):
        with connection.app.state.database.reading() as session:
            return _of_session(session, key)
    return None


def _of_token(session: Session, secret: str) -> SignedIn:
    token = AccountRepository(session).live_token(hash_secret(secret), now())
    if token is None:
        raise NotSignedIn("This token is unknown, revoked or expired. Make one on your account's page.")
    user, grants = token.user, granted(token.user.role, token.scope)
    return SignedIn(user.id, user.name, user.role, grants, token.used_at, token_id=token.id)


def _of_session(session: Session, key: str) -> SignedIn | None:
    found = AccountRepository(session).live_session(hash_secret(key), now())
    if found is None:
        return None
    user = found.user
    return SignedIn(user.id, user.name, user.role, granted(user.role), found.seen_at, session_id=found.id)
