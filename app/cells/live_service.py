"""What a cell answers live: its state, its camera, and what people do to its motion. Apart from the jobs.

It is on the network, so every request carries the key that web and cell share through the cell's row; whoever
has it is the web process, which says who asks.
"""

import asyncio
import secrets
import threading
from collections.abc import AsyncIterator
from typing import Any, Final

import uvicorn
from fastapi import Depends, FastAPI
from fastapi.responses import JSONResponse, Response, StreamingResponse
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from app.cells.arm import Arm
from app.cells.cell_client import KEY_HEADER
from app.cells.lease import NeedsPage, Operator
from app.platform.errors import AppError, NotSignedIn
from app.platform.stopping import StopSignal
from app.platform.thread_priority import go_first
from hndp_core.data.images import encode_image

FRAME_PERIOD_S: Final = 1 / 12
_JPEG_QUALITY: Final = 80
_BOUNDARY: Final = "frame"


class Asker(BaseModel):
    """Who asks: a person at a page, or a program of theirs."""

    user_id: int
    by_program: bool = False


class Act(Asker):
    """An act under a token."""

    token: int | None = None


class Match(Act):
    """Says that the scene of that number is as its reference shows."""

    scene: int


class Press(BaseModel):
    """A press of "stop motion"; `press` is its random name, so that one sent on two ways stops once."""

    user_id: int
    name: str
    press: str


class Claim(Asker):
    """Who wants the arm on which page; `from_token` where it is taken over from another one."""

    name: str
    page: str
    from_token: int | None = None


def create_live_service(arm: Arm, key: str, stop: StopSignal) -> FastAPI:
    """GET /state, /live.jpg, /live.mjpg (at most 12 pictures a second) and /scene/{number}.jpg; POST /stop,
    /heartbeat, /take, /release, /go_on, /recover and /scene_matches, which answer with the state.
    """

    def require_key(request: Request) -> None:
        given = request.headers.get(KEY_HEADER, "")
        if not secrets.compare_digest(given.encode(), key.encode()):
            raise NotSignedIn("This cell talks to its studio only. Open the cell's page there.")

    service = FastAPI(title="Cell", docs_url=None, redoc_url=None, dependencies=[Depends(require_key)])
    service.add_exception_handler(AppError, _tell)
    _offer_pictures(service, arm, stop)
    _offer_acts(service, arm)
    _offer_scene(service, arm)
    return service


def _offer_pictures(service: FastAPI, arm: Arm, stop: StopSignal) -> None:
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


def _offer_acts(service: FastAPI, arm: Arm) -> None:
    """What comes often or in haste runs on the event loop: it waits for no thread that draws pictures."""
    guard = arm.guard

    def require_page(asked: Asker) -> None:
        """Somebody is there: in an attended cell a page says so, and no program."""
        if guard.attended and asked.by_program:
            raise NeedsPage

    @service.get("/state")
    async def state() -> dict[str, Any]:
        return arm.state()

    @service.post("/stop")
    async def stop_motion(asked: Press) -> dict[str, Any]:
        guard.stop(asked.name, asked.user_id, asked.press)
        return arm.state()

    @service.post("/heartbeat")
    async def heartbeat(asked: Act) -> dict[str, Any]:
        require_page(asked)
        guard.heartbeat(asked.token or 0, asked.user_id)
        return arm.state()

    @service.post("/take")
    def take(asked: Claim) -> dict[str, Any]:
        require_page(asked)
        operator = Operator(asked.user_id, asked.name, asked.page)
        if asked.from_token is None:
            grant = guard.take(operator)
        else:
            grant = guard.take_over(operator, asked.from_token)
        return {**arm.state(), "token": grant.token}

    @service.post("/release")
    async def release(asked: Act) -> dict[str, Any]:
        guard.release(asked.token or 0, asked.user_id)
        return arm.state()

    @service.post("/go_on")
    async def go_on(asked: Act) -> dict[str, Any]:
        require_page(asked)
        guard.go_on(asked.token or 0, asked.user_id)
        return arm.state()

    @service.post("/recover")
    async def recover(asked: Act) -> dict[str, Any]:
        guard.require_operator(asked.token, asked.user_id)
        way_home = threading.Thread(
            target=arm.recover, args=(asked.token, asked.user_id), name="recovery", daemon=True
        )
        way_home.start()
        return arm.state()


def _offer_scene(service: FastAPI, arm: Arm) -> None:
    @service.get("/scene/{number}.jpg")
    def reference(number: int) -> Response:
        picture = encode_image(arm.scenes.reference(number), "jpg")
        return Response(picture, media_type="image/jpeg", headers={"Cache-Control": "no-store"})

    @service.post("/scene_matches")
    async def scene_matches(asked: Match) -> dict[str, Any]:
        arm.scenes.matches(asked.scene, asked.token, asked.user_id)
        return arm.state()


def _tell(_request: Request, error: Exception) -> Response:
    assert isinstance(error, AppError)
    return JSONResponse({"error": error.message}, error.status_code)


def serve_live(service: FastAPI, host: str, port: int) -> uvicorn.Server:
    """Serve in a thread of its own, which goes before others; set `should_exit` to end it."""
    config = uvicorn.Config(service, host=host, port=port, log_level="warning", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)

    def run() -> None:
        go_first()
        server.run()

    threading.Thread(target=run, name="live service", daemon=True).start()
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
