"""What the cell's process writes down about its motion: the audit, the tokens, and why nothing moves."""

import queue
import threading
from collections.abc import Callable
from datetime import datetime
from typing import Final

import structlog
from sqlalchemy.exc import SQLAlchemyError

from app.accounts.models import User
from app.audit.service import audit
from app.cells.models import Cell, CellEvent
from app.cells.motion_words import EventKind
from app.platform.database import Database
from app.platform.model import now

PERIOD_S: Final = 0.1
"""Time after which a change of the cell's motion is in the database, for pages of people elsewhere."""

log = structlog.get_logger()


class Journal:
    """Writes beside the motion, never before it: whoever reports goes on at once.

    Args:
        database: holds the cell's row
        cell_id: of that row
    """

    def __init__(self, database: Database, cell_id: int) -> None:
        self._database = database
        self._cell_id = cell_id
        self._events: queue.SimpleQueue[tuple[EventKind, int | None, str, datetime]] = queue.SimpleQueue()
        self._written: tuple[str, str] | None = None
        self._stopped = threading.Event()
        self._thread: threading.Thread | None = None

    def issue_token(self) -> int:
        """Return the next token; it is stored before anybody acts under it."""
        with self._database.transaction() as session:
            cell = session.get_one(Cell, self._cell_id, with_for_update=True)
            cell.lease_token += 1
            return cell.lease_token

    def report(self, kind: EventKind, user_id: int | None, detail: str) -> None:
        """Take an event of this moment, to be written soon."""
        self._events.put((kind, user_id, detail, now()))

    def start(self, motion: Callable[[], tuple[str, str]]) -> None:
        """Write regularly until `stop`; `motion` returns the cell's motion and why it does not move."""

        def write_regularly() -> None:
            while not self._stopped.wait(PERIOD_S):
                self.write(*motion())
            self.write(*motion())

        self._thread = threading.Thread(target=write_regularly, name="journal", daemon=True)
        self._thread.start()

    def stop(self, timeout_s: float = 2.0) -> None:
        """Write what is left, and end."""
        self._stopped.set()
        if self._thread is not None:
            self._thread.join(timeout_s)

    def write(self, motion: str, note: str) -> None:
        """Store the events reported so far, and the motion if it has changed. A database that is away is
        tried again at the next call; nothing is dropped."""
        events = []
        while not self._events.empty():
            events.append(self._events.get())
        if not events and (motion, note) == self._written:
            return
        try:
            with self._database.transaction() as session:
                cell = session.get_one(Cell, self._cell_id)
                cell.motion, cell.motion_note = motion, note[:500]
                session.add_all(
                    CellEvent(
                        cell_id=self._cell_id, kind=kind, user_id=user_id, detail=detail[:300], created_at=at
                    )
                    for kind, user_id, detail, at in events
                )
                for kind, user_id, detail, _ in events:
                    if kind == "taken_over" and user_id is not None:
                        about = f"cell {cell.name}: {detail}"
                        audit(session, session.get_one(User, user_id), "took_over", about)
            self._written = (motion, note)
        except SQLAlchemyError as error:
            log.warning("the cell's journal could not be written, trying again", error=str(error))
            for each in events:
                self._events.put(each)
