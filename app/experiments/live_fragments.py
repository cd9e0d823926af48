"""Live pages: fragments of a page, sent by server-sent events whenever they change."""

from collections.abc import AsyncIterator, Callable, Mapping
from typing import Final

import anyio
from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.concurrency import run_in_threadpool
from starlette.requests import HTTPConnection
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from app.accounts.open_connections import MayStay, opened

PERIOD_S: Final = 1.0
PING_S: Final = 15
RETRY_MS: Final = 2000
"""Time after which a browser that lost the stream asks again."""

FAREWELL_S: Final = 1.0
"""Time that a stream gets to end by itself when the server stops; less than the server's own grace."""

Render = Callable[[], Mapping[str, str]]
"""Returns the text of each fragment by the name of its event."""


async def changed_fragments(
    render: Render, stopping: anyio.Event, may_stay: MayStay, period_s: float = PERIOD_S
) -> AsyncIterator[ServerSentEvent]:
    """All fragments at first, so that a page opened late or connected anew shows everything; then changes."""
    sent: dict[str, str] = {}
    while not stopping.is_set() and await may_stay():
        for name, text in (await run_in_threadpool(render)).items():
            if sent.get(name) != text:
                sent[name] = text
                yield ServerSentEvent(text, event=name, retry=RETRY_MS)
        with anyio.move_on_after(period_s):
            await stopping.wait()


def live_response(render: Render) -> Response:
    """Answer with a stream that lasts as long as the page is open and its user signed in, or until the server
    stops.
    """
    return _LiveResponse(render)


class _LiveResponse(Response):
    """Becomes a stream where it is known whose connection it is sent through."""

    def __init__(self, render: Render) -> None:
        super().__init__(media_type="text/event-stream")
        self._render = render

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        stopping = anyio.Event()
        with opened(HTTPConnection(scope)) as may_stay:
            stream = EventSourceResponse(
                changed_fragments(self._render, stopping, may_stay),
                ping=PING_S,
                shutdown_event=stopping,
                shutdown_grace_period=FAREWELL_S,
                headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
            )
            await stream(scope, receive, send)
