"""The page of a cell's camera: a test picture, how it does, and what to do if no picture comes."""

from typing import Any, Literal

from fastapi import APIRouter, Request
from fastapi.responses import Response

from app.cells.cell_client import Address, CellClient, CellClientDep, CellSilent
from app.cells.repository import CellRepository
from app.platform.requests import PagesDep, SessionDep

router = APIRouter(prefix="/cells/{cell_id}/camera")


@router.get("")
async def camera_page(
    request: Request, cell_id: int, session: SessionDep, pages: PagesDep, cells: CellClientDep
) -> Response:
    cell = CellRepository(session).get(cell_id)
    context = {"cell": cell, "camera": await camera_condition(cells, Address.of(cell))}
    return pages.render(request, "cells/camera.html", context)


@router.get("/condition")
async def condition(cell_id: int, session: SessionDep, pages: PagesDep, cells: CellClientDep) -> Response:
    """How the camera does at this moment, as a part of the page."""
    cell = CellRepository(session).get(cell_id)
    camera = await camera_condition(cells, Address.of(cell))
    return Response(pages.fragment("cells/_camera.html", cell=cell, camera=camera), media_type="text/html")


@router.get("/picture.jpg")
async def picture(
    cell_id: int, session: SessionDep, cells: CellClientDep, view: Literal["whole", "policy"] = "whole"
) -> Response:
    """One picture of this moment."""
    return await passed_on(
        cells, Address.of(CellRepository(session).get(cell_id)), f"/camera.jpg?view={view}"
    )


async def passed_on(cells: CellClient, address: Address, path: str) -> Response:
    """A picture of this moment, as the cell answers it.

    Raises:
        CellSilent: nobody answers there.
        CellRefuses: it has none, with the reason.
    """
    picture = await cells.picture(address, path)
    return Response(picture, media_type="image/jpeg", headers={"Cache-Control": "no-store"})


async def camera_condition(cells: CellClient, address: Address) -> dict[str, Any]:
    """What the cell says; one that is down is a condition too, with its remedy."""
    try:
        return await cells.get(address, "/camera")
    except CellSilent as silent:
        return {"silent": silent.message}
