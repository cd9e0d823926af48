"""What stays open longer than a request: live news, live pictures, channels.

A request is let in once; what it opened ends within seconds when it would be let in no longer: its user was
signed out or deactivated, or lost the role, or the token was revoked. Each open connection asks about once a
second, and one look into the database answers all of them.
"""

import asyncio
import contextlib
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from threading import Lock
from typing import Final

from fastapi import WebSocket, WebSocketDisconnect
from fastapi.requests import HTTPConnection
from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool

from app.accounts.current_user import NOT_SIGNED_IN, SignedIn, route_key, who_asks
from app.accounts.permissions import NEEDS, granted
from app.accounts.repository import AccountRepository
from app.platform.database import Database
from app.platform.model import now

LOOK_EVERY_S: Final = 1.0
ASK_EVERY_S: Final = 1.0

MayStay = Callable[[], Awaitable[bool]]
"""Whether a connection may stay open, as it was at most LOOK_EVERY_S ago."""

_Credential = tuple[int | None, int | None]
"""Id of a session, or of a token."""


class OpenConnections:
    """Those that are open, and what their users may do; one for the whole web application."""

    def __init__(self, database: Database, clock: Callable[[], float] = time.monotonic) -> None:
        self._database = database
        self._clock = clock
        self._open: Counter[_Credential] = Counter()
        self._grants: Mapping[_Credential, frozenset[str]] = {}
        self._looked_s = clock()
        self._looking = Lock()

    @contextmanager
    def opened(self, asker: SignedIn, need: str) -> Iterator[MayStay]:
        """Count a connection while it is open; its user was let in just now.

        A database that is away turns nobody out: it must not keep "stop motion" away.
        """
        credential = asker.session_id, asker.token_id

        async def may_stay() -> bool:
            if self._is_due():
                with contextlib.suppress(SQLAlchemyError):
                    await run_in_threadpool(self._look, frozenset(self._open))
            return need in self._grants.get(credential, asker.grants)

        self._open[credential] += 1
        try:
            yield may_stay
        finally:
            self._open[credential] -= 1
            if not self._open[credential]:
                del self._open[credential]

    def _is_due(self) -> bool:
        return self._clock() - self._looked_s > LOOK_EVERY_S

    def _look(self, credentials: Collection[_Credential]) -> None:
        """Of those who ask at the same time, one looks for all."""
        with self._looking:
            if self._is_due():
                self._looked_s = self._clock()
                self._grants = {each: frozenset() for each in credentials} | self._found(credentials)

    def _found(self, credentials: Collection[_Credential]) -> dict[_Credential, frozenset[str]]:
        session_ids = [session_id for session_id, _ in credentials if session_id is not None]
        token_ids = [token_id for _, token_id in credentials if token_id is not None]
        with self._database.reading() as session:
            accounts = AccountRepository(session)
            roles = accounts.roles_of_sessions(session_ids, now())
            scopes = accounts.scopes_of_tokens(token_ids, now()) if token_ids else {}
        found: dict[_Credential, frozenset[str]] = {(each, None): granted(roles[each]) for each in roles}
        return found | {(None, each): granted(*scopes[each]) for each in scopes}


@contextmanager
def opened(connection: HTTPConnection) -> Iterator[MayStay]:
    """Count a connection as open; who serves it asks again and again whether it may stay so."""
    connections: OpenConnections = connection.app.state.open_connections
    with connections.opened(who_asks(connection), NEEDS[route_key(connection)]) as may_stay:
        yield may_stay


@asynccontextmanager
async def closed_when_refused(socket: WebSocket) -> AsyncIterator[None]:
    """Close a channel, while it is served inside, once who opened it would be let in no longer."""
    closing = asyncio.create_task(_close_when_refused(socket))
    try:
        yield
    finally:
        closing.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await closing


async def _close_when_refused(socket: WebSocket) -> None:
    with opened(socket) as may_stay:
        while await may_stay():
            await asyncio.sleep(ASK_EVERY_S)
    with contextlib.suppress(RuntimeError, WebSocketDisconnect):  # the page is gone
        await socket.close(NOT_SIGNED_IN, "signed out")
