"""The page of who stands at the arm: they set its scenes, watch its trials, and judge them as they run."""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from app.cells.camera_routes import passed_on
from app.cells.cell_client import Address, CellClientDep
from app.cells.repository import CellRepository
from app.platform.requests import PagesDep, SessionDep

router = APIRouter()


@router.get("/cells/{cell_id}/watch")
def watch(request: Request, cell_id: int, session: SessionDep, pages: PagesDep) -> Response:
    return pages.render(request, "cells/watch.html", {"cell": CellRepository(session).get(cell_id)})


@router.get("/cells/{cell_id}/scene/{number}.jpg")
async def scene_reference(cell_id: int, number: int, session: SessionDep, cells: CellClientDep) -> Response:
    """The reference picture of the scene that waits, passed on from the cell."""
    return await passed_on(cells, Address.of(CellRepository(session).get(cell_id)), f"/scene/{number}.jpg")
