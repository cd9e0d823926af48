"""Protection of a signed-in browser: refuses unsafe requests of other sites, and sets security headers."""

from typing import Final
from urllib.parse import urlsplit

from fastapi import Request
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.platform.error_pages import answer
from app.platform.requests import SAFE_METHODS

SECURITY_HEADERS: Final = {
    # Scripts and styles follow default-src: from the studio's own files only, none inline.
    "Content-Security-Policy": (
        "default-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; "
        "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": (
        "gamepad=(self), fullscreen=(self), camera=(), microphone=(), geolocation=(), payment=(), usb=(), "
        "serial=(), midi=()"
    ),
}
ONLY_HTTPS: Final = {"Strict-Transport-Security": "max-age=31536000"}
"""For a studio that is reached by https, as HNDP_PUBLIC_URL says: for a year browsers come no other way."""

_FOREIGN: Final = 4403


class BrowserSafety:
    """ASGI middleware, so that streams pass through it unbuffered."""

    def __init__(self, app: ASGIApp, is_https: bool = False) -> None:
        self._app = app
        self._headers = SECURITY_HEADERS | ONLY_HTTPS if is_https else SECURITY_HEADERS

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket" and not comes_from_own_page(Headers(scope=scope)):
            await receive()
            await send({"type": "websocket.close", "code": _FOREIGN, "reason": "another site"})
            return
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
            await send(message)

        if scope["method"] not in SAFE_METHODS and not comes_from_own_page(Headers(scope=scope)):
            refusal = answer(
                Request(scope),
                403,
                "This request came from another site and was refused. Open the studio itself.",
            )
            await refusal(scope, receive, send_with_headers)
            return
        await self._app(scope, receive, send_with_headers)


def comes_from_own_page(headers: Headers) -> bool:
    """Whether a request that changes something, or a WebSocket, was opened by a page of this studio, or by no
    browser at all.

    Browsers tell by Sec-Fetch-Site (where the address is trustworthy) or by Origin; programs send neither.
    """
    fetch_site = headers.get("sec-fetch-site")
    if fetch_site is not None:
        return fetch_site in ("same-origin", "none")
    origin = headers.get("origin")
    return origin is None or urlsplit(origin).netloc == headers.get("host", "")
