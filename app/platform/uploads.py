"""What is sent is taken in whole before anything else is done with a request, and has an end.

A request that changes something is one transaction, and SQLite has one writer: a file that comes slowly from
a tablet would hold up every label meanwhile.
"""

from collections.abc import Collection
from typing import Final

from fastapi import Request
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.platform.error_pages import answer
from app.platform.requests import SAFE_METHODS

MOST_BYTES: Final = 64 * 1024 * 1024
"""Minutes of motion at 1 kHz as text take less; a data set packed with its videos does not fit."""

MOST_TEXT_BYTES: Final = 1024 * 1024
"""Of a form without a file, or of JSON: it is read before it is known who sends it."""


class Uploads:
    """ASGI middleware that refuses what is too large, by its announced size or once it is passed.

    Args:
        app: that it stands before
        most_bytes: of a form with a file
        streamed: paths whose routes write a body of any size to the disk as it comes, and hold up nobody
    """

    def __init__(
        self, app: ASGIApp, most_bytes: int = MOST_BYTES, streamed: Collection[str] = frozenset()
    ) -> None:
        self._app = app
        self._most_bytes = most_bytes
        self._streamed = streamed

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] in SAFE_METHODS or scope["path"] in self._streamed:
            await self._app(scope, receive, send)
            return
        most_bytes = self._most_bytes if _is_upload(Headers(scope=scope)) else MOST_TEXT_BYTES
        announced = Headers(scope=scope).get("content-length", "")
        if announced.isdecimal() and int(announced) > most_bytes:
            await self._refuse(scope, receive, send, most_bytes)
            return
        body, more = bytearray(), True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            body += message.get("body", b"")
            more = message.get("more_body", False)
            if len(body) > most_bytes:
                await self._refuse(scope, receive, send, most_bytes)
                return
        await self._app(scope, _once(bytes(body), receive), send)

    async def _refuse(self, scope: Scope, receive: Receive, send: Send, most_bytes: int) -> None:
        what, remedy, field = "What was sent", "Send less.", None
        if _is_upload(Headers(scope=scope)):
            remedy = "Choose a single motion, and leave the videos of a data set out."
            what, field = "The file", "file"
        message = f"{what} is larger than {most_bytes / 2**20:.3g} MB; nothing was kept of it. {remedy}"
        refusal = answer(Request(scope), 413, message, field=field)
        await refusal(scope, receive, send)


def _is_upload(headers: Headers) -> bool:
    return headers.get("content-type", "").startswith("multipart/form-data")


def _once(body: bytes, receive: Receive) -> Receive:
    """Hands the body out once; then it says what comes after, such as that the browser has gone."""
    waiting: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive_body() -> Message:
        return waiting.pop() if waiting else await receive()

    return receive_body
