"""Cells: what they do, who moves them, and stop motion. What moves an arm needs the lease, as on the page."""

from typing import Any

from app.accounts.current_user import AskerDep
from app.api.paging import Page, PagerDep
from app.api.resource_route import RowId, resource_router
from app.cells import acts
from app.cells.acts import AddressDep, Claim, Held, Press
from app.cells.cell_client import CellClientDep, CellSilent
from app.cells.models import CellEvent
from app.cells.repository import CellRepository
from app.cells.resources import CellAnswer, CellEventResource, CellResource, CellState
from app.platform.requests import SessionDep

router = resource_router("Cells")

_SILENT: dict[int | str, dict[str, Any]] = {503: {"description": "The cell does not answer."}}


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
    """Take the arm, or take it over; the answer holds the token that the acts below need."""
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
    """Send the arm home slowly after a stop."""
    return CellAnswer.model_validate(await acts.recover(user, address, held, cells))
