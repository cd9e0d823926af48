"""What a cell shows live: its state and its camera. Small, and apart from the jobs that move the arm."""

import asyncio
import threading
from collections.abc import AsyncIterator
from typing import Any, Final

import uvicorn
from fastapi import FastAPI
from fastapi.responses import Response, StreamingResponse
from starlette.concurrency import run_in_threadpool

from app.cells.arm import Arm
from app.platform.stopping import StopSignal
from hndp_core.data.images import encode_image

FRAME_PERIOD_S: Final = 1 / 12
_JPEG_QUALITY: Final = 80
_BOUNDARY: Final = "frame"


def create_live_service(arm: Arm, stop: StopSignal) -> FastAPI:
    """GET /state, /live.jpg and /live.mjpg (at most 12 pictures a second)."""
    service = FastAPI(title="Cell", docs_url=None, redoc_url=None)

    @service.get("/state")
    def state() -> dict[str, Any]:
        return arm.state()

    @service.get("/live.jpg")
    def still() -> Response:
        picture = _encoded(arm)
        if picture is None:
            return Response(status_code=503, content="No picture yet: the cell is starting.")
        return Response(picture, media_type="image/jpeg", headers={"Cache-Control": "no-store"})

    @service.get("/live.mjpg")
    async def stream() -> StreamingResponse:
        return StreamingResponse(
            _pictures(arm, stop),
            media_type=f"multipart/x-mixed-replace; boundary={_BOUNDARY}",
            headers={"Cache-Control": "no-store"},
        )

    return service


def serve_live(service: FastAPI, host: str, port: int) -> uvicorn.Server:
    """Serve in a thread of its own; set `should_exit` to end it."""
    config = uvicorn.Config(service, host=host, port=port, log_level="warning", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    threading.Thread(target=server.run, name="live service", daemon=True).start()
    return server


async def _pictures(arm: Arm, stop: StopSignal) -> AsyncIterator[bytes]:
    while not stop.asked:
        picture = await run_in_threadpool(_encoded, arm)
        if picture is not None:
            head = f"--{_BOUNDARY}\r\nContent-Type: image/jpeg\r\nContent-Length: {len(picture)}\r\n\r\n"
            yield head.encode() + picture + b"\r\n"
        await asyncio.sleep(FRAME_PERIOD_S)


def _encoded(arm: Arm) -> bytes | None:
    picture = arm.picture()
    return None if picture is None else encode_image(picture, "jpg", _JPEG_QUALITY)
