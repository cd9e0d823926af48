"""Cells on the web: their pages, and their live picture and state, passed on so that a browser needs one
address only.
"""

from collections.abc import AsyncIterator
from typing import Any, Final

import httpx
from fastapi import APIRouter, Request
from fastapi.responses import Response, StreamingResponse

from app.accounts.open_connections import opened
from app.cells.camera_routes import router as camera_router
from app.cells.cell_client import Address, CellClientDep, CellSilent
from app.cells.motion_words import EVENT_TITLES, UNASKED_TITLES
from app.cells.record_routes import router as record_router
from app.cells.repository import CellRepository
from app.cells.watch_routes import router as watch_router
from app.experiments.live_fragments import live_response
from app.platform.model import now
from app.platform.requests import DatabaseDep, PagesDep, SessionDep

router = APIRouter()
router.include_router(record_router)
router.include_router(camera_router)
router.include_router(watch_router)

EVENTS_SHOWN: Final = 20
_TITLES: Final = {"titles": EVENT_TITLES, "unasked_titles": {**EVENT_TITLES, **UNASKED_TITLES}}


@router.get("/cells")
def listing(request: Request, session: SessionDep, pages: PagesDep) -> Response:
    return pages.render(request, "cells/list.html", {"cells": CellRepository(session).all()})


@router.get("/cells/{cell_id}")
def show(request: Request, cell_id: int, session: SessionDep, pages: PagesDep) -> Response:
    repository = CellRepository(session)
    cell = repository.get(cell_id)
    process = repository.process_of(cell)
    context = {
        "cell": cell,
        "process": process,
        "heartbeat_age_s": (now() - process.heartbeat_at).total_seconds() if process is not None else None,
        "events": repository.newest_events(cell_id, EVENTS_SHOWN),
        **_TITLES,
    }
    return pages.render(request, "cells/show.html", context)


@router.get("/cells/{cell_id}/events")
def cell_events(cell_id: int, session: SessionDep, database: DatabaseDep, pages: PagesDep) -> Response:
    """The audit, live."""
    CellRepository(session).get(cell_id)

    def render() -> dict[str, str]:
        with database.reading() as reading:
            events = CellRepository(reading).newest_events(cell_id, EVENTS_SHOWN)
            return {"events": pages.fragment("cells/_events.html", events=events, **_TITLES)}

    return live_response(render)


@router.get("/cells/{cell_id}/live.mjpg")
async def live_pictures(
    request: Request, cell_id: int, session: SessionDep, cells: CellClientDep
) -> Response:
    """The cell's camera, for as long as browser and cell are there, and who looks is signed in."""
    answer = await cells.pictures(Address.of(CellRepository(session).get(cell_id)))
    return StreamingResponse(
        _passed_on(answer, request),
        status_code=answer.status_code,
        media_type=answer.headers.get("content-type"),
        headers={"Cache-Control": "no-store"},
    )


@router.get("/cells/{cell_id}/state")
async def state(cell_id: int, session: SessionDep, cells: CellClientDep) -> dict[str, Any]:
    """What the cell does now; one that is down is a state too, with its remedy."""
    try:
        return {"up": True, **await cells.state(Address.of(CellRepository(session).get(cell_id)))}
    except CellSilent as silent:
        return {"up": False, "message": silent.message}


async def _passed_on(answer: httpx.Response, request: Request) -> AsyncIterator[bytes]:
    try:
        with opened(request) as may_stay:
            async for part in answer.aiter_raw():
                if not await may_stay():
                    return
                yield part
    except httpx.HTTPError:
        return  # the cell went away: the picture ends, and the page asks again
    finally:
        await answer.aclose()
