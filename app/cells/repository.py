"""Queries of cells and their audit. The caller owns the transaction."""

from collections.abc import Sequence

from sqlalchemy import Select, select
from sqlalchemy.orm import Session, joinedload

from app.cells.models import Cell, CellEvent, Process
from app.platform.errors import NotFound


class CellRepository:
    def __init__(self, session: Session) -> None:
        self._session = session

    def all(self) -> Sequence[Cell]:
        return self._session.scalars(select(Cell).order_by(Cell.id)).all()

    def get(self, cell_id: int) -> Cell:
        """
        Raises:
            NotFound: no such cell.
        """
        cell = self._session.get(Cell, cell_id)
        if cell is None:
            raise NotFound("cell", cell_id)
        return cell

    def process_of(self, cell: Cell) -> Process | None:
        return self._session.get(Process, f"cell-{cell.name}")

    def selected_events(self, cell_id: int) -> Select[CellEvent]:
        """The audit of a cell."""
        return select(CellEvent).where(CellEvent.cell_id == cell_id).options(joinedload(CellEvent.user))

    def newest_events(self, cell_id: int, count: int) -> Sequence[CellEvent]:
        newest = self.selected_events(cell_id).order_by(CellEvent.id.desc()).limit(count)
        return self._session.scalars(newest).all()
