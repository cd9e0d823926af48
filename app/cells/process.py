"""`hndp cell`: the process that owns one robot."""

import os
import secrets
import socket
import threading
from dataclasses import dataclass
from typing import Final

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.cells.arm import Arm
from app.cells.jobs import register_cell_jobs
from app.cells.journal import Journal
from app.cells.lease import Lease
from app.cells.live_service import create_live_service, serve_live
from app.cells.models import Cell, CellEvent
from app.cells.motion_guard import MotionGuard
from app.demonstrations.guide_service import GuideDesk, offer_guiding
from app.demonstrations.recording import Recorder
from app.demonstrations.replaying import Replayer
from app.demonstrations.salvage import offer_cut_off, recordings_folder
from app.evaluations.rollouts import register_evaluation_trials
from app.platform.database import Database
from app.platform.errors import StartUpError
from app.platform.executor import Executor, JobQueue
from app.platform.migration import require_current
from app.platform.settings import Settings
from app.platform.stopping import StopSignal
from app.trials.execution import TrialRunner
from hndp_core.errors import HndpError
from hndp_core.tasks import task_names

STOP_S: Final = 3.0
"""Time that the arm gets to come to rest at a stop."""

WATCH_S: Final = 0.05
"""Time after which a page that fell silent is noticed where no control step asks."""

log = structlog.get_logger()


class CellFault(StartUpError):
    """The cell cannot run, as its page says too."""


def run_cell(settings: Settings) -> None:
    """Serve the cell HNDP_CELL_NAME until SIGTERM or Ctrl-C; then the process ends.

    Raises:
        StartUpError: the database does not fit, the cell runs already, or its camera cannot render.
    """
    stop = StopSignal()
    stop.listen()
    database = Database(settings.resolved_database_url)
    require_current(database)
    cell = _register(settings, database)
    journal = Journal(database, cell.id)
    guard = _guard(cell, journal)
    arm = Arm(settings.simulation_speed, guard)
    _warm_up(arm, database, cell)
    offer_cut_off(database, settings.artefacts, recordings_folder(settings))
    executor = Executor(database, "cell", f"cell-{settings.cell_name}", [JobQueue(cell.queue, at_once=1)])
    executor.prepare()
    runner = TrialRunner(database, settings.artefacts, arm, stop)
    register_evaluation_trials(database, runner)
    register_cell_jobs(
        database,
        runner,
        Recorder(database, settings.artefacts, arm, stop),
        Replayer(database, settings.artefacts, arm, stop),
    )
    executor.start()
    journal.start(lambda: guard.motion_and_reason)
    threading.Thread(target=_watch, args=(guard, stop), name="watch", daemon=True).start()
    service = create_live_service(arm, cell.key, stop)
    offer_guiding(service, GuideDesk(database, settings, arm))
    server = serve_live(service, settings.host, settings.cell_port)
    log.info("cell runs", cell=settings.cell_name, port=settings.cell_port, attended=cell.attended)
    stop.wait()
    server.should_exit = True
    arm.rest(STOP_S)
    journal.stop()
    executor.stop()
    os._exit(0)  # a job under way is parked in its thread, and would hold up an orderly exit


@dataclass(frozen=True)
class _Registered:
    """What the cell's row says at the start."""

    id: int
    queue: str
    key: str
    attended: bool
    last_token: int
    stopped_by: str | None


def _register(settings: Settings, database: Database) -> _Registered:
    """Write how this process is reached; a stop that was in force when the last one ended stays in force."""
    with database.transaction() as session:
        cell = session.scalar(select(Cell).where(Cell.name == settings.cell_name))
        if cell is None:
            cell = Cell(name=settings.cell_name, robot="simulated")
            session.add(cell)
        cell.service_url = f"http://{_public_host(settings)}:{settings.cell_port}"
        cell.service_key = key = secrets.token_urlsafe(32)
        cell.attended = settings.cell_attended or not cell.is_simulated
        session.flush()
        was_stopped = cell.motion in ("stopped", "recovering")
        return _Registered(
            id=cell.id,
            queue=cell.queue_name,
            key=key,
            attended=cell.attended,
            last_token=cell.lease_token,
            stopped_by=_who_stopped(session, cell.id) if was_stopped else None,
        )


def _who_stopped(session: Session, cell_id: int) -> str:
    name = session.scalar(
        select(User.name)
        .join(CellEvent, CellEvent.user_id == User.id)
        .where(CellEvent.cell_id == cell_id, CellEvent.kind == "stop")
        .order_by(CellEvent.id.desc())
        .limit(1)
    )
    return name or "Somebody"


def _guard(cell: _Registered, journal: Journal) -> MotionGuard:
    return MotionGuard(
        attended=cell.attended,
        lease=Lease(cell.last_token),
        issue_token=journal.issue_token,
        report=journal.report,
        stopped_by=cell.stopped_by,
    )


def _warm_up(arm: Arm, database: Database, registered: _Registered) -> None:
    """Build the cell's scene. A fault is kept for its page."""
    fault: HndpError | None = None
    try:
        arm.warm_up(task_names()[0])
    except HndpError as error:
        fault = error
    with database.transaction() as session:
        cell = session.get_one(Cell, registered.id)
        cell.fault = str(fault)[:500] if fault is not None else None
    if fault is not None:
        raise CellFault(str(fault)) from fault


def _watch(guard: MotionGuard, stop: StopSignal) -> None:
    while not stop.wait(WATCH_S):
        guard.watch()


def _public_host(settings: Settings) -> str:
    return socket.gethostname() if settings.host in ("0.0.0.0", "::") else settings.host
