"""`hndp cell`: the process that owns one robot."""

import os
import secrets
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.cells.arm import Arm
from app.cells.camera_service import offer_camera
from app.cells.camera_watch import CameraWatch
from app.cells.interlock import ARM_LOST
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
from app.trials.live_labels import offer_live_labels
from hndp_core.errors import HndpError
from hndp_core.robots.equipment import Equipment, RobotFactory
from hndp_core.tasks import task_names

STOP_S: Final = 3.0
"""Time that the arm gets to come to rest at a stop."""

WATCH_S: Final = 0.05
"""Time after which a page that fell silent is noticed where no control step asks."""

_SIMULATED_NAME: Final = Settings.model_fields["cell_name"].default

ASK_S: Final = 0.5
"""Time after which a resting arm that was lost is noticed."""

log = structlog.get_logger()


class CellFault(StartUpError):
    """The cell cannot run, as its page says too."""


class OtherCell(StartUpError):
    """A name under which trials of another kind of arm are kept: they are never pooled."""

    def __init__(self, name: str, robot: str) -> None:
        kind = "simulated" if robot == "simulated" else "real"
        super().__init__(
            f"The cell {name!r} is known with a {kind} arm, and its trials are never mixed with others. "
            "Give this cell a name of its own: hndp cell --name NAME."
        )


def run_cell(settings: Settings) -> None:
    """Serve the cell HNDP_CELL_NAME until SIGTERM or Ctrl-C; then the process ends.

    Raises:
        InvalidSetting: arm and camera do not fit together.
        StartUpError: the database does not fit, the cell runs already, its camera cannot render, its arm's
            software is not installed, or the arm cannot be reached.
    """
    robots = RobotFactory(settings.equipment)
    database = Database(settings.resolved_database_url)
    require_current(database)
    cell = _register(settings, database)
    journal = Journal(database, cell.id)
    guard = _guard(cell, journal)
    arm = Arm(robots, guard)
    _warm_up(arm, database, cell)
    offer_cut_off(database, settings.artefacts, recordings_folder(settings))
    stop = StopSignal()
    stop.listen()
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
    _look_after(arm, robots, stop)
    service = create_live_service(arm, cell.key, stop)
    offer_camera(service, arm, robots.camera)
    offer_live_labels(service, runner.labels)
    offer_guiding(service, GuideDesk(database, settings, arm))
    server = serve_live(service, settings.host, settings.cell_port)
    log.info("cell runs", cell=settings.cell_name, port=settings.cell_port, attended=cell.attended)
    stop.wait()
    server.should_exit = True
    if arm.rest(STOP_S) and _robot_of(settings.equipment) != "simulated":
        arm.let_go()  # a simulated one ends with the process
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
        robot = _robot_of(settings.equipment)
        if robot != "simulated" and settings.cell_name == _SIMULATED_NAME:
            raise OtherCell(settings.cell_name, "simulated")
        if cell is None:
            cell = Cell(name=settings.cell_name, robot=robot)
            session.add(cell)
        if cell.robot != robot:
            raise OtherCell(cell.name, cell.robot)
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


def _robot_of(equipment: Equipment) -> str:
    """What the cell's row calls the arm; by which driver it is commanded is the process's business."""
    return "simulated" if equipment.robot == "simulated" else "franka"


def _who_stopped(session: Session, cell_id: int) -> str:
    event = session.scalar(
        select(CellEvent)
        .where(CellEvent.cell_id == cell_id, CellEvent.kind == "stop")
        .order_by(CellEvent.id.desc())
        .limit(1)
    )
    if event is None:
        return "Somebody"
    return ARM_LOST if event.user is None else event.user.name


def _guard(cell: _Registered, journal: Journal) -> MotionGuard:
    return MotionGuard(
        attended=cell.attended,
        lease=Lease(cell.last_token),
        issue_token=journal.issue_token,
        report=journal.report,
        stopped_by=cell.stopped_by,
    )


def _warm_up(arm: Arm, database: Database, registered: _Registered) -> None:
    """Make the robot ready, on the main thread, where frankapy must start. A fault is kept for its page."""
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


def _look_after(arm: Arm, robots: RobotFactory, stop: StopSignal) -> None:
    """Notice pages that fall silent, and an arm or a camera that is lost, in threads of their own: an arm
    that does not answer holds up the one that asks it.
    """

    def regularly(name: str, period_s: float, look: Callable[[], None]) -> None:
        def look_regularly() -> None:
            while not stop.wait(period_s):
                look()

        threading.Thread(target=look_regularly, name=name, daemon=True).start()

    regularly("watch", WATCH_S, arm.guard.watch)
    regularly("arm watch", ASK_S, arm.look)
    if robots.camera is not None:
        CameraWatch(robots.camera, arm.guard).start(stop)


def _public_host(settings: Settings) -> str:
    return socket.gethostname() if settings.host in ("0.0.0.0", "::") else settings.host
