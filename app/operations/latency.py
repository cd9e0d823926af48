"""How long requests take, as a histogram by route; a stream counts until it begins."""

import time
from typing import Final

from prometheus_client import CollectorRegistry, Histogram
from starlette.types import ASGIApp, Message, Receive, Scope, Send

BUCKETS_S: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 15.0)
_NO_ROUTE: Final = "none"
_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"})


class Latency:
    """ASGI middleware. Routes are named by their pattern: the number of series stays what it is."""

    def __init__(self, app: ASGIApp, registry: CollectorRegistry) -> None:
        self._app = app
        self._histogram = Histogram(
            "hndp_request_seconds",
            "Time until the answer to a request begins.",
            ("method", "route", "status"),
            registry=registry,
            buckets=BUCKETS_S,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began_s = time.perf_counter()

        async def send_timed(message: Message) -> None:
            if message["type"] == "http.response.start":
                route = getattr(scope.get("route"), "path", None) or _NO_ROUTE
                status = f"{message['status'] // 100}xx"
                self._histogram.labels(_method(scope), route, status).observe(time.perf_counter() - began_s)
            await send(message)

        await self._app(scope, receive, send_timed)


def _method(scope: Scope) -> str:
    """Anybody may send any word as a method; it must not become a series."""
    return scope["method"] if scope["method"] in _METHODS else "other"
