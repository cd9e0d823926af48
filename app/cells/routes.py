"""A cell's live picture and state, passed on from its own service, so that a browser needs one address."""

from collections.abc import AsyncIterator
from typing import Any, Final

import httpx
from fastapi import APIRouter
from fastapi.responses import Response, StreamingResponse
from sqlalchemy.orm import Session

from app.cells.models import Cell
from app.cells.record_routes import router as record_router
from app.platform.errors import AppError, NotFound
from app.platform.requests import SessionDep

router = APIRouter()
router.include_router(record_router)

_TIMEOUT: Final = httpx.Timeout(3.0, read=10.0)


class CellSilent(AppError):
    """The cell's live service does not answer."""

    status_code = 503

    def __init__(self, cell: Cell) -> None:
        super().__init__(
            f"Cell {cell.name} shows nothing now. {cell.fault or 'Its process may be starting.'}"
        )


@router.get("/cells/{cell_id}/live.mjpg")
async def live_pictures(cell_id: int, session: SessionDep) -> Response:
    cell = _cell(session, cell_id)
    client = httpx.AsyncClient(timeout=_TIMEOUT)
    try:
        request = client.build_request("GET", f"{_service(cell)}/live.mjpg")
        answer = await client.send(request, stream=True)
    except httpx.HTTPError as error:
        await client.aclose()
        raise CellSilent(cell) from error

    async def pictures() -> AsyncIterator[bytes]:
        try:
            async for part in answer.aiter_raw():
                yield part
        except httpx.HTTPError:
            return  # the cell went away: the picture ends, and the page asks again
        finally:
            await answer.aclose()
            await client.aclose()

    return StreamingResponse(
        pictures(),
        status_code=answer.status_code,
        media_type=answer.headers.get("content-type"),
        headers={"Cache-Control": "no-store"},
    )


@router.get("/cells/{cell_id}/state")
async def state(cell_id: int, session: SessionDep) -> dict[str, Any]:
    cell = _cell(session, cell_id)
    try:
        async with httpx.AsyncClient(timeout=_TIMEOUT) as client:
            answer = await client.get(f"{_service(cell)}/state")
            return answer.raise_for_status().json()
    except (httpx.HTTPError, ValueError) as error:
        raise CellSilent(cell) from error


def _cell(session: Session, cell_id: int) -> Cell:
    cell = session.get(Cell, cell_id)
    if cell is None:
        raise NotFound("cell", cell_id)
    return cell


def _service(cell: Cell) -> str:
    if cell.service_url is None:
        raise CellSilent(cell)
    return cell.service_url
