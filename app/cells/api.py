"""Cells: what they do and see, who moves them, and stop motion. What moves an arm needs the lease, as on the
page.
"""

from typing import Any, Literal

from fastapi.responses import Response

from app.accounts.current_user import AskerDep
from app.api.paging import Page, PagerDep
from app.api.resource_route import RowId, resource_router
from app.cells import acts
from app.cells.acts import AddressDep, Claim, Held, Match, Press
from app.cells.camera_routes import camera_condition, passed_on
from app.cells.cell_client import CellClientDep, CellSilent
from app.cells.models import CellEvent
from app.cells.repository import CellRepository
from app.cells.resources import (
    AwaitedScene,
    CameraResource,
    CellAnswer,
    CellEventResource,
    CellResource,
    CellState,
    SceneAnswer,
    SceneState,
)
from app.platform.requests import SessionDep

router = resource_router("Cells")

_SILENT: dict[int | str, dict[str, Any]] = {503: {"description": "The cell does not answer."}}
_PICTURE: dict[int | str, dict[str, Any]] = {
    200: {"content": {"image/jpeg": {"schema": {"type": "string", "format": "binary"}}}},
    503: {"description": "The cell does not answer, or has no picture."},
}


@router.get("/cells")
def list_cells(session: SessionDep) -> list[CellResource]:
    """All cells."""
    return [CellResource.of(each) for each in CellRepository(session).all()]


@router.get("/cells/{cell_id}")
def get_cell(cell_id: RowId, session: SessionDep) -> CellResource:
    """One cell, as its process last wrote it down."""
    return CellResource.of(CellRepository(session).get(cell_id))


@router.get("/cells/{cell_id}/state")
async def get_cell_state(cell_id: RowId, address: AddressDep, cells: CellClientDep) -> CellState:
    """What the cell does at this moment; one that is down is a state, too."""
    try:
        told = await cells.state(address)
    except CellSilent as silent:
        return CellState.model_validate({"up": False, "message": silent.message})
    return CellState.model_validate({"up": True, **told})


@router.get("/cells/{cell_id}/events")
def list_cell_events(cell_id: RowId, session: SessionDep, pager: PagerDep) -> Page[CellEventResource]:
    """Who took, stopped and released the arm, newest first."""
    CellRepository(session).get(cell_id)
    query = CellRepository(session).selected_events(cell_id)
    return pager.page(pager.newest_first(session, query, CellEvent.id), CellEventResource.of)


@router.post("/cells/{cell_id}/stop", responses=_SILENT)
async def stop_cell(
    cell_id: RowId, user: AskerDep, address: AddressDep, press: Press, cells: CellClientDep
) -> CellAnswer:
    """Stop motion: whoever sees danger may. It holds until the arm is sent home (recover)."""
    return CellAnswer.model_validate(await acts.stop_motion(user, address, press, cells))


@router.post("/cells/{cell_id}/take", responses=_SILENT)
async def take_cell(
    cell_id: RowId, user: AskerDep, address: AddressDep, claim: Claim, cells: CellClientDep
) -> CellAnswer:
    """Take the arm, or take it over; the answer holds the token that the acts below need. The arm of an
    attended cell is taken on its page alone, by who stands there."""
    return CellAnswer.model_validate(await acts.take(user, address, claim, cells))


@router.post("/cells/{cell_id}/release", responses=_SILENT)
async def release_cell(
    cell_id: RowId, user: AskerDep, address: AddressDep, held: Held, cells: CellClientDep
) -> CellAnswer:
    """Hand the arm back."""
    return CellAnswer.model_validate(await acts.release(user, address, held, cells))


@router.post("/cells/{cell_id}/recover", responses=_SILENT)
async def recover_cell(
    cell_id: RowId, user: AskerDep, address: AddressDep, held: Held, cells: CellClientDep
) -> CellAnswer:
    """Send the arm home slowly after a stop; in an attended cell while its page is there."""
    return CellAnswer.model_validate(await acts.recover(user, address, held, cells))


@router.get("/cells/{cell_id}/camera")
async def get_camera(cell_id: RowId, address: AddressDep, cells: CellClientDep) -> CameraResource:
    """How the cell's camera does: state, measured rate, age of the last picture."""
    told = await camera_condition(cells, address)
    return CameraResource.model_validate(
        {"up": False, "message": told["silent"]} if "silent" in told else {"up": True, **told}
    )


@router.get("/cells/{cell_id}/camera/picture", response_class=Response, responses=_PICTURE)
async def get_picture(
    cell_id: RowId, address: AddressDep, cells: CellClientDep, view: Literal["whole", "policy"] = "whole"
) -> Response:
    """One picture of this moment: whole, or as policies see it."""
    return await passed_on(cells, address, f"/camera.jpg?view={view}")


@router.get("/cells/{cell_id}/scene", responses=_SILENT)
async def get_scene(cell_id: RowId, address: AddressDep, cells: CellClientDep) -> SceneState:
    """The scene that a person is asked to set, if one waits; only attended cells ask."""
    told = (await cells.state(address)).get("scene")
    return SceneState(scene=None if told is None else AwaitedScene.of(cell_id, told))


@router.get("/cells/{cell_id}/scene/{number}/reference", response_class=Response, responses=_PICTURE)
async def get_scene_reference(
    cell_id: RowId, number: RowId, address: AddressDep, cells: CellClientDep
) -> Response:
    """How the scene that waits is to look."""
    return await passed_on(cells, address, f"/scene/{number}.jpg")


@router.post("/cells/{cell_id}/scene/{number}/matches", responses=_SILENT)
async def match_scene(
    cell_id: RowId,
    number: RowId,
    user: AskerDep,
    address: AddressDep,
    said: SceneAnswer,
    cells: CellClientDep,
) -> CellAnswer:
    """Start the motion that waits: somebody at the arm has compared its scene with the reference. Needs the
    token of the page that holds the arm, which must be there."""
    match = Match(token=said.token, scene=number)
    return CellAnswer.model_validate(await acts.scene_matches(user, address, match, cells))
