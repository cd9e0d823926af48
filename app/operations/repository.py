"""Counts for metrics. The caller owns the transaction."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.cells.models import Cell, Process
from app.trials.repository import TrialRepository


class OperationsRepository:
    def __init__(self, session: Session) -> None:
        self._session = session

    def trials_waiting(self) -> int:
        """Trials that wait for a label, in all experiments."""
        return sum(TrialRepository(self._session).waiting_by_experiment().values())

    def processes(self, since: datetime) -> dict[str, int]:
        """Processes that have given a sign of life since then, by kind."""
        rows = self._session.execute(
            select(Process.kind, func.count()).where(Process.heartbeat_at >= since).group_by(Process.kind)
        )
        return {kind: count for kind, count in rows}

    def cells(self, since: datetime) -> Sequence[tuple[str, bool]]:
        """Each cell's name, and whether its process is alive and the arm's robot was reached."""
        alive = set(
            self._session.scalars(
                select(Process.id).where(Process.kind == "cell", Process.heartbeat_at >= since)
            )
        )
        cells = self._session.scalars(select(Cell).order_by(Cell.name))
        return [(cell.name, f"cell-{cell.name}" in alive and not cell.fault) for cell in cells]
