"""Every process says that it is alive: one row, renewed every five seconds."""

import os
import socket
import threading
import time
from datetime import datetime, timedelta
from typing import Final

import structlog
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from app.cells.models import Process, ProcessRun
from app.platform.database import Database
from app.platform.errors import StartUpError
from app.platform.model import now

HEARTBEAT_S: Final = 5.0
DEAD_AFTER_S: Final = 30.0
"""A process without a heartbeat for so long is taken for dead, and its jobs go to another one of its kind."""

log = structlog.get_logger()


class NameTaken(StartUpError):
    """Another live process uses this name; two of one name would run each other's jobs."""

    def __init__(self, process: Process) -> None:
        super().__init__(
            f"A {process.kind} named {process.id} already runs on {process.host} (process {process.pid}). "
            "Stop it first, or start this one under another name (see --help)."
        )


class Heartbeat:
    """The row of this process in `processes`, from `start` to `stop`, and its run in `process_runs` for good.

    Args:
        database: where the row is
        kind: "web", "worker" or "cell"
        process_id: name that is unique among all processes; a durable executor's id
        period_s: seconds between two heartbeats
    """

    def __init__(self, database: Database, kind: str, process_id: str, period_s: float = HEARTBEAT_S) -> None:
        self._database = database
        self._kind = kind
        self._id = process_id
        self._period_s = period_s
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._beat, name="heartbeat", daemon=True)

    def start(self) -> None:
        """Register this process.

        Raises:
            NameTaken: a live process has the same name.
        """
        self._wait_for_name()
        with self._database.transaction() as session:
            row = session.get(Process, self._id) or Process(id=self._id)
            row.kind, row.host, row.pid = self._kind, socket.gethostname(), os.getpid()
            row.started_at = row.heartbeat_at = now()
            session.add(row)
            self._begin_run(session, row.started_at)
        self._thread.start()

    def stop(self) -> None:
        """End the heartbeat and sign off: a clean stop is not taken for a death."""
        self._stopped.set()
        with self._database.transaction() as session:
            row = session.get(Process, self._id)
            if row is not None and row.pid == os.getpid():
                session.delete(row)
                self._go_on(session, now())

    def _beat(self) -> None:
        while not self._stopped.wait(self._period_s):
            try:
                with self._database.transaction() as session:
                    row = session.get(Process, self._id)
                    if row is not None:
                        row.heartbeat_at = now()
                        self._go_on(session, row.heartbeat_at)
            except SQLAlchemyError as error:
                log.warning("heartbeat failed, trying again", error=str(error))

    def _begin_run(self, session: Session, moment: datetime) -> None:
        run = ProcessRun(name=self._id, kind=self._kind, started_at=moment, seen_at=moment)
        session.add(run)
        session.flush()
        self._run_id = run.id

    def _go_on(self, session: Session, moment: datetime) -> None:
        """Lengthen the run; a process that slept until it was taken for dead begins another one."""
        run = session.get_one(ProcessRun, self._run_id)
        if moment - run.seen_at > timedelta(seconds=DEAD_AFTER_S):
            self._begin_run(session, moment)
        else:
            run.seen_at = moment

    def _wait_for_name(self) -> None:
        """Refuse a name in use. On another host only a moving heartbeat tells the living from the dead."""
        other = self._other()
        if other is None or now() - other.heartbeat_at > timedelta(seconds=DEAD_AFTER_S):
            return
        if other.host == socket.gethostname():
            if other.pid != os.getpid() and _runs(other.pid):
                raise NameTaken(other)
            return
        deadline = time.monotonic() + 2 * self._period_s
        while time.monotonic() < deadline:
            time.sleep(self._period_s / 5)
            later = self._other()
            if later is None:
                return
            if later.heartbeat_at > other.heartbeat_at:
                raise NameTaken(later)

    def _other(self) -> Process | None:
        with self._database.reading() as session:
            return session.scalar(select(Process).where(Process.id == self._id))


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
