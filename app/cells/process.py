"""`hndp cell`: the process that owns one robot."""

import os
import socket
from typing import Final

import structlog
from sqlalchemy import select

from app.cells.arm import Arm
from app.cells.jobs import register_cell_jobs
from app.cells.live_service import create_live_service, serve_live
from app.cells.models import Cell
from app.demonstrations.recording import Recorder
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
    arm = Arm(settings.simulation_speed)
    queue = _prepare(settings, database, arm)
    executor = Executor(database, "cell", f"cell-{settings.cell_name}", [JobQueue(queue, at_once=1)])
    executor.prepare()
    register_cell_jobs(
        database,
        TrialRunner(database, settings.artefacts, arm, stop),
        Recorder(database, settings.artefacts, arm, stop),
    )
    executor.start()
    server = serve_live(create_live_service(arm, stop), settings.host, settings.cell_port)
    log.info("cell runs", cell=settings.cell_name, port=settings.cell_port)
    stop.wait()
    server.should_exit = True
    arm.rest(STOP_S)
    executor.stop()
    os._exit(0)  # a job under way is parked in its thread, and would hold up an orderly exit


def _prepare(settings: Settings, database: Database, arm: Arm) -> str:
    """Register the cell and build its scene; return the name of its queue. A fault is kept for its page."""
    fault: HndpError | None = None
    try:
        arm.warm_up(task_names()[0])
    except HndpError as error:
        fault = error
    with database.transaction() as session:
        cell = session.scalar(select(Cell).where(Cell.name == settings.cell_name))
        if cell is None:
            cell = Cell(name=settings.cell_name, robot="simulated")
            session.add(cell)
        cell.service_url = f"http://{_public_host(settings)}:{settings.cell_port}"
        cell.fault = str(fault)[:500] if fault is not None else None
        queue = cell.queue_name
    if fault is not None:
        raise CellFault(str(fault)) from fault
    return queue


def _public_host(settings: Settings) -> str:
    return socket.gethostname() if settings.host in ("0.0.0.0", "::") else settings.host
