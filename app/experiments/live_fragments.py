"""Live pages: fragments of a page, sent by server-sent events whenever they change."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Final

from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.concurrency import run_in_threadpool

PERIOD_S: Final = 1.0
PING_S: Final = 15
RETRY_MS: Final = 2000
"""Time after which a browser that lost the stream asks again."""

Render = Callable[[], Mapping[str, str]]
"""Returns the text of each fragment by the name of its event."""


async def changed_fragments(render: Render, period_s: float = PERIOD_S) -> AsyncIterator[ServerSentEvent]:
    """All fragments at first, so that a page opened late or connected anew shows everything; then changes."""
    sent: dict[str, str] = {}
    while True:
        for name, text in (await run_in_threadpool(render)).items():
            if sent.get(name) != text:
                sent[name] = text
                yield ServerSentEvent(text, event=name, retry=RETRY_MS)
        await asyncio.sleep(period_s)


def live_response(render: Render, period_s: float = PERIOD_S) -> EventSourceResponse:
    """Answer with a stream that lasts as long as the page is open, or until the server stops."""
    return EventSourceResponse(
        changed_fragments(render, period_s),
        ping=PING_S,
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )
