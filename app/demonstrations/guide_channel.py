"""The channel between the page on which a person guides the arm and the cell: wishes there, the state back.

A WebSocket of its own, so that "stop motion" on the cell's channel waits for no wish. Sign-in, region and
address are looked up when it opens; whoever is signed out meanwhile loses it, and the arm holds.
"""

import asyncio
import contextlib
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, WebSocket, WebSocketDisconnect
from pydantic import BaseModel, Field, TypeAdapter, ValidationError
from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool

from app.accounts.current_user import AskerDep
from app.accounts.open_connections import closed_when_refused
from app.cells.cell_client import Address, CellClient, CellRefuses, CellSilent
from app.experiments.models import Region
from app.platform.database import Database
from app.platform.errors import NotFound

router = APIRouter()

_UNKNOWN_REGION: Final = 4404


class BeginMessage(BaseModel):
    act: Literal["begin"]
    token: int | None = None


class LeadMessage(BaseModel):
    """The wish is the cell's to understand: the web process knows neither tools nor cameras."""

    act: Literal["lead"]
    wish: dict[str, Any] | None = None


class ActMessage(BaseModel):
    act: Literal["start", "stop", "again", "end"]


Message = Annotated[BeginMessage | LeadMessage | ActMessage, Field(discriminator="act")]
_MESSAGE: Final[TypeAdapter[BeginMessage | LeadMessage | ActMessage]] = TypeAdapter(Message)


@router.websocket("/regions/{region_id}/guide/channel")
async def guide_channel(socket: WebSocket, region_id: int, user: AskerDep) -> None:
    """Messages of the page: {"act": "begin" | "lead" | "start" | "stop" | "again" | "end", ...}. Answers: the
    guiding's state, or {"refused": reason}.
    """
    database: Database = socket.app.state.database
    try:
        address = await run_in_threadpool(_address, database, region_id)
    except NotFound:
        await socket.close(_UNKNOWN_REGION)
        return
    await socket.accept()
    line = _GuideLine(socket, socket.app.state.cell_client, address, user.id, region_id)
    with contextlib.suppress(WebSocketDisconnect, RuntimeError):  # the page is gone
        async with closed_when_refused(socket):
            await line.listen()


class _GuideLine:
    """One open channel. Of wishes that come faster than the cell answers, the newest is passed on."""

    def __init__(
        self, socket: WebSocket, cells: CellClient, address: Address, user_id: int, region_id: int
    ) -> None:
        self._socket = socket
        self._cells = cells
        self._address = address
        self._who = {"user_id": user_id}
        self._region_id = region_id
        self._next: LeadMessage | None = None
        self._leading: asyncio.Task[None] | None = None

    async def listen(self) -> None:
        while True:
            try:
                message = _MESSAGE.validate_json(await self._socket.receive_text())
            except ValidationError as error:
                await self._socket.send_json({"refused": f"The studio does not understand: {error}"})
                continue
            if isinstance(message, LeadMessage):
                self._next = message
                if self._leading is None or self._leading.done():
                    self._leading = asyncio.create_task(self._lead())
            elif isinstance(message, BeginMessage):
                asked = {**self._who, "region_id": self._region_id, "token": message.token}
                await self._pass_on("/guide/begin", asked)
            else:
                await self._pass_on("/guide/act", {**self._who, "act": message.act})

    async def _lead(self) -> None:
        with contextlib.suppress(WebSocketDisconnect, RuntimeError):
            while self._next is not None:
                message, self._next = self._next, None
                await self._pass_on("/guide/lead", {**self._who, "wish": message.wish})

    async def _pass_on(self, path: str, asked: dict[str, Any]) -> None:
        try:
            await self._socket.send_json(await self._cells.act(self._address, path, asked))
        except (CellRefuses, CellSilent) as error:
            await self._socket.send_json({"refused": error.message})


def _address(database: Database, region_id: int) -> Address:
    with database.reading() as session:
        return Address.of(_region(session, region_id).experiment.cell)


def _region(session: Session, region_id: int) -> Region:
    region = session.get(Region, region_id)
    if region is None:
        raise NotFound("region", region_id)
    return region
