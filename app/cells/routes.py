"""Cells on the web: their live picture and state, passed on so that a browser needs one address only."""

from collections.abc import AsyncIterator, Sequence
from typing import Any, Final

import httpx
from fastapi import APIRouter, Request
from fastapi.responses import Response, StreamingResponse
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.cells.models import Cell, Process
from app.cells.record_routes import router as record_router
from app.platform.errors import AppError, NotFound
from app.platform.model import now
from app.platform.requests import PagesDep, SessionDep

router = APIRouter()
router.include_router(record_router)

_TIMEOUT: Final = httpx.Timeout(3.0, read=10.0)


class CellSilent(AppError):
    """The cell's live service does not answer."""

    status_code = 503

    def __init__(self, cell: Cell) -> None:
        remedy = cell.fault or "Its process starts, or is not running: start it with hndp cell or hndp serve."
        super().__init__(f"Cell {cell.name} does not answer. {remedy}")


@router.get("/cells")
def listing(request: Request, session: SessionDep, pages: PagesDep) -> Response:
    return pages.render(request, "cells/list.html", {"cells": _cells(session)})


@router.get("/cells/{cell_id}")
def show(request: Request, cell_id: int, session: SessionDep, pages: PagesDep) -> Response:
    cell = _cell(session, cell_id)
    process = session.get(Process, f"cell-{cell.name}")
    age_s = (now() - process.heartbeat_at).total_seconds() if process is not None else None
    context = {"cell": cell, "process": process, "heartbeat_age_s": age_s}
    return pages.render(request, "cells/show.html", context)


@router.get("/cells/{cell_id}/live.mjpg")
async def live_pictures(cell_id: int, session: SessionDep) -> Response:
    """The cell's camera, for as long as browser and cell are there."""
    cell = _cell(session, cell_id)
    client = httpx.AsyncClient(timeout=_TIMEOUT)
    try:
        request = client.build_request("GET", f"{_service(cell)}/live.mjpg")
        answer = await client.send(request, stream=True)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        await client.aclose()
        raise CellSilent(cell) from error
    except BaseException:
        await client.aclose()
        raise
    return StreamingResponse(
        _passed_on(client, answer),
        status_code=answer.status_code,
        media_type=answer.headers.get("content-type"),
        headers={"Cache-Control": "no-store"},
    )


@router.get("/cells/{cell_id}/state")
async def state(cell_id: int, session: SessionDep) -> dict[str, Any]:
    """What the cell does now; one that is down is a state too, with its remedy."""
    cell = _cell(session, cell_id)
    try:
        async with httpx.AsyncClient(timeout=_TIMEOUT) as client:
            answer = await client.get(f"{_service(cell)}/state")
            return {"up": True, **answer.raise_for_status().json()}
    except (httpx.HTTPError, httpx.InvalidURL, ValueError, CellSilent):
        return {"up": False, "message": CellSilent(cell).message}


async def _passed_on(client: httpx.AsyncClient, answer: httpx.Response) -> AsyncIterator[bytes]:
    try:
        async for part in answer.aiter_raw():
            yield part
    except httpx.HTTPError:
        return  # the cell went away: the picture ends, and the page asks again
    finally:
        await answer.aclose()
        await client.aclose()


def _cells(session: Session) -> Sequence[Cell]:
    return session.scalars(select(Cell).order_by(Cell.id)).all()


def _cell(session: Session, cell_id: int) -> Cell:
    cell = session.get(Cell, cell_id)
    if cell is None:
        raise NotFound("cell", cell_id)
    return cell


def _service(cell: Cell) -> str:
    if cell.service_url is None:
        raise CellSilent(cell)
    return cell.service_url
