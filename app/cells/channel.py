"""The live channel between a page and a cell: state ten times a second, heartbeats, and "stop motion".

A WebSocket, because a browser opens six connections to one studio for all its tabs, and streams of pictures
and news use them up: a press of "stop motion" must never wait for one. Sign-in and address are looked up when
the channel opens; after that no message waits for the database. Whoever is signed out meanwhile loses it, and
attends the arm no longer.
"""

import asyncio
import contextlib
import time
from collections.abc import Coroutine
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, WebSocket, WebSocketDisconnect
from pydantic import BaseModel, Field, TypeAdapter, ValidationError
from starlette.concurrency import run_in_threadpool

from app.accounts.current_user import AskerDep, SignedIn
from app.accounts.open_connections import closed_when_refused
from app.cells.acts import user_of
from app.cells.cell_client import Address, CellClient, CellRefuses, CellSilent
from app.cells.repository import CellRepository
from app.platform.database import Database
from app.platform.errors import NotFound

router = APIRouter()

PERIOD_S: Final = 0.1
QUIET_S: Final = 1.0
"""An unchanged state is sent again after so long, so that the page knows that the studio is there."""

_LOOK_S: Final = 1.0
_UNKNOWN_CELL: Final = 4404


class StopMessage(BaseModel):
    act: Literal["stop"]
    press: str = Field(min_length=1, max_length=64)


class HeartbeatMessage(BaseModel):
    act: Literal["heartbeat"]
    token: int


Message = Annotated[StopMessage | HeartbeatMessage, Field(discriminator="act")]
_MESSAGE: Final[TypeAdapter[StopMessage | HeartbeatMessage]] = TypeAdapter(Message)


@router.websocket("/cells/{cell_id}/channel")
async def channel(socket: WebSocket, cell_id: int, user: AskerDep) -> None:
    """Messages of the page: {"act": "stop", "press"} and {"act": "heartbeat", "token"}. Answers: the state,
    as GET /cells/{id}/state gives it, or {"refused": reason, "act"}.
    """
    database: Database = socket.app.state.database
    try:
        address = await run_in_threadpool(_address, database, cell_id)
    except NotFound:
        await socket.close(_UNKNOWN_CELL)
        return
    await socket.accept()
    line = _Line(socket, socket.app.state.cell_client, database, cell_id, user, address)
    telling = asyncio.create_task(line.tell())
    try:
        async with closed_when_refused(socket):
            await line.listen()
    finally:
        telling.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await telling


class _Line:
    """One open channel."""

    def __init__(
        self,
        socket: WebSocket,
        cells: CellClient,
        database: Database,
        cell_id: int,
        user: SignedIn,
        address: Address,
    ) -> None:
        self._socket = socket
        self._cells = cells
        self._database = database
        self._cell_id = cell_id
        self._user = user
        self._address = address
        self._looked_s = time.monotonic()
        self._acts: set[asyncio.Task[None]] = set()
        self._heartbeat: asyncio.Task[None] | None = None

    async def tell(self) -> None:
        """Send the state whenever it changes."""
        sent: dict[str, Any] | None = None
        sent_s = 0.0
        while True:
            state = await self._state()
            if state != sent or time.monotonic() - sent_s > QUIET_S:
                sent, sent_s = state, time.monotonic()
                with contextlib.suppress(RuntimeError, WebSocketDisconnect):  # the page is gone
                    await self._socket.send_json(state)
            await asyncio.sleep(PERIOD_S)

    async def listen(self) -> None:
        """Pass on what the page asks for until it goes; a stop waits for no heartbeat."""
        while True:
            try:
                message = _MESSAGE.validate_json(await self._socket.receive_text())
            except WebSocketDisconnect:
                return
            except ValidationError as error:
                await self._socket.send_json(
                    {"refused": f"The studio does not understand: {error}", "act": ""}
                )
                continue
            if isinstance(message, StopMessage):
                who = {"user_id": self._user.id, "name": self._user.name}
                self._start(self._pass_on("/stop", {**who, "press": message.press}))
            elif self._heartbeat is None or self._heartbeat.done():
                asked = {**user_of(self._user), "token": message.token}
                self._heartbeat = self._start(self._pass_on("/heartbeat", asked))

    def _start(self, act: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(act)
        self._acts.add(task)
        task.add_done_callback(self._acts.discard)
        return task

    async def _pass_on(self, path: str, asked: dict[str, Any]) -> None:
        with contextlib.suppress(RuntimeError, WebSocketDisconnect):  # the page is gone
            try:
                state = await self._cells.act(self._address, path, asked)
                await self._socket.send_json({"up": True, **state})
            except (CellRefuses, CellSilent) as error:
                if isinstance(error, CellSilent) and path == "/heartbeat":
                    return  # the state says so; the page keeps its token for when the cell is back
                await self._socket.send_json({"refused": error.message, "act": path.removeprefix("/")})

    async def _state(self) -> dict[str, Any]:
        try:
            return {"up": True, **await self._cells.state(self._address)}
        except CellSilent as silent:
            if time.monotonic() - self._looked_s > _LOOK_S:  # it may have come back elsewhere
                self._looked_s = time.monotonic()
                with contextlib.suppress(NotFound):
                    self._address = await run_in_threadpool(_address, self._database, self._cell_id)
            return {"up": False, "message": silent.message}


def _address(database: Database, cell_id: int) -> Address:
    with database.reading() as session:
        return Address.of(CellRepository(session).get(cell_id))
