"""What people do to a cell's motion: take the arm, hand it back, stop, recover.

None of it may wait for the database's one writer, and the cell writes while it answers: who asks is looked up
in a transaction that only reads, and is over before the cell is asked.
"""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, Field

from app.accounts.current_user import refuse_viewer, signed_in
from app.accounts.models import User
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


def asker(request: Request, database: DatabaseDep, cell_id: int) -> tuple[User, Address]:
    """Who asks, and where the cell is.

    Raises:
        NotSignedIn: nobody.
        NotFound: no such cell.
    """
    with database.reading() as session:
        user = signed_in(request.session, session)
        address = Address.of(CellRepository(session).get(cell_id))
        session.expunge(user)
    return user, address


def operator(asked_by: Annotated[tuple[User, Address], Depends(asker)]) -> tuple[User, Address]:
    """Who asks, if they may move an arm.

    Raises:
        NotAllowed: a viewer.
    """
    refuse_viewer(asked_by[0])
    return asked_by


Asker = Annotated[tuple[User, Address], Depends(asker)]
Operator = Annotated[tuple[User, Address], Depends(operator)]


@router.post("/stop")
async def stop_motion(asked_by: Asker, press: Press, cells: CellClientDep) -> dict[str, Any]:
    """Stop motion: anybody who is signed in may, without a lease."""
    user, address = asked_by
    asked = {"user_id": user.id, "name": user.name, "press": press.press}
    return await cells.act(address, "/stop", asked)


@router.post("/take")
async def take(asked_by: Operator, claim: Claim, cells: CellClientDep) -> dict[str, Any]:
    """Take the arm, or take it over from whom the page names; the answer holds the token."""
    user, address = asked_by
    return await cells.act(
        address, "/take", {"user_id": user.id, "name": user.name, **claim.model_dump(mode="json")}
    )


@router.post("/release")
async def release(asked_by: Operator, held: Held, cells: CellClientDep) -> dict[str, Any]:
    """Hand the arm back."""
    return await _act(cells, asked_by, "/release", held)


@router.post("/go_on")
async def go_on(asked_by: Operator, held: Held, cells: CellClientDep) -> dict[str, Any]:
    """Let motion go on after the arm held because the page fell silent."""
    return await _act(cells, asked_by, "/go_on", held)


@router.post("/recover")
async def recover(asked_by: Operator, held: Held, cells: CellClientDep) -> dict[str, Any]:
    """Send the arm home slowly after a stop."""
    return await _act(cells, asked_by, "/recover", held)


@router.post("/scene_matches")
async def scene_matches(asked_by: Operator, match: Match, cells: CellClientDep) -> dict[str, Any]:
    """Start the motion that waits for its scene."""
    return await _act(cells, asked_by, "/scene_matches", match)


async def _act(cells: CellClientDep, asked_by: tuple[User, Address], path: str, held: Held) -> dict[str, Any]:
    user, address = asked_by
    return await cells.act(address, path, {"user_id": user.id, **held.model_dump()})
