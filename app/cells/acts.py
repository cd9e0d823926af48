"""What people do to a cell's motion: take the arm, hand it back, stop, recover.

None of it may wait for the database's one writer, and the cell writes while it answers: who asks, and where
the cell is, is looked up in transactions that only read, and are over before the cell is asked.
"""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field

from app.accounts.current_user import AskerDep, SignedIn
from app.cells.cell_client import Address, CellClientDep
from app.cells.repository import CellRepository
from app.platform.requests import DatabaseDep

router = APIRouter(prefix="/cells/{cell_id}")

_NAME: Final = Field(min_length=1, max_length=64)


class Claim(BaseModel):
    """Takes the arm; `from_token` names whom it is taken over from."""

    page: str = _NAME
    from_token: int | None = None


class Held(BaseModel):
    """An act of who holds the arm; without a token only where nobody attends the cell."""

    token: int | None = None


class Match(Held):
    """Says that the scene of that number is as its reference shows."""

    scene: int


class Press(BaseModel):
    press: str = _NAME


def address_of_cell(database: DatabaseDep, cell_id: int) -> Address:
    """Where the cell is.

    Raises:
        NotFound: no such cell.
    """
    with database.reading() as session:
        return Address.of(CellRepository(session).get(cell_id))


def user_of(user: SignedIn) -> dict[str, Any]:
    """Who asks, as a cell is told."""
    return {"user_id": user.id, "by_program": user.token_id is not None}


AddressDep = Annotated[Address, Depends(address_of_cell)]


@router.post("/stop")
async def stop_motion(
    user: AskerDep, address: AddressDep, press: Press, cells: CellClientDep
) -> dict[str, Any]:
    """Stop motion: anybody who is signed in may, without a lease."""
    asked = {"user_id": user.id, "name": user.name, "press": press.press}
    return await cells.act(address, "/stop", asked)


@router.post("/take")
async def take(user: AskerDep, address: AddressDep, claim: Claim, cells: CellClientDep) -> dict[str, Any]:
    """Take the arm, or take it over from whom the page names; the answer holds the token."""
    asked = {**user_of(user), "name": user.name, **claim.model_dump(mode="json")}
    return await cells.act(address, "/take", asked)


@router.post("/release")
async def release(user: AskerDep, address: AddressDep, held: Held, cells: CellClientDep) -> dict[str, Any]:
    """Hand the arm back."""
    return await _act(cells, user, address, "/release", held)


@router.post("/go_on")
async def go_on(user: AskerDep, address: AddressDep, held: Held, cells: CellClientDep) -> dict[str, Any]:
    """Let motion go on after the arm held because the page fell silent."""
    return await _act(cells, user, address, "/go_on", held)


@router.post("/recover")
async def recover(user: AskerDep, address: AddressDep, held: Held, cells: CellClientDep) -> dict[str, Any]:
    """Send the arm home slowly after a stop."""
    return await _act(cells, user, address, "/recover", held)


@router.post("/scene_matches")
async def scene_matches(
    user: AskerDep, address: AddressDep, match: Match, cells: CellClientDep
) -> dict[str, Any]:
    """Start the motion that waits for its scene."""
    return await _act(cells, user, address, "/scene_matches", match)


async def _act(
    cells: CellClientDep, user: SignedIn, address: Address, path: str, held: Held
) -> dict[str, Any]:
    return await cells.act(address, path, {**user_of(user), **held.model_dump()})
