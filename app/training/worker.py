"""`hndp worker`: the process that runs refinements and training jobs."""

import os

import structlog

from app.evaluations.conduct import register_evaluations
from app.platform.database import Database
from app.platform.durable import REFINEMENT_QUEUE, TRAINING_QUEUE, TRANSFER_QUEUE, Jobs
from app.platform.executor import Executor, JobQueue
from app.platform.migration import require_current
from app.platform.settings import Settings
from app.platform.stopping import StopSignal
from app.retention.housekeeping import start_housekeeping
from app.training.refinement import register_refinement
from app.training.trainer import Trainer, register_training
from app.transfers.runner import TransferRunner, register_transfers

log = structlog.get_logger()


def run_worker(settings: Settings, name: str) -> None:
    """Run refinements, evaluations and one training job at a time, until SIGTERM or Ctrl-C; then it ends.

    Raises:
        StartUpError: the database does not fit, or a worker of this name runs already.
    """
    stop = StopSignal()
    stop.listen()
    database = Database(settings.resolved_database_url)
    require_current(database)
    queues = [
        JobQueue(REFINEMENT_QUEUE),
        JobQueue(TRAINING_QUEUE, at_once_here=1),
        JobQueue(TRANSFER_QUEUE, at_once_here=1),
    ]
    executor = Executor(database, "worker", name, queues)
    executor.prepare()
    register_refinement(database, settings.label_grace_seconds)
    register_evaluations(database, settings.label_grace_seconds)
    register_training(Trainer(database, settings.artefacts, settings.data_dir / "work", stop))
    jobs, work = Jobs(database.engine), settings.data_dir / "work" / "transfers"
    register_transfers(
        TransferRunner(database, settings.artefacts, jobs, work, settings.keep_export_days, stop)
    )
    executor.start()
    start_housekeeping(database, settings, jobs, stop)
    log.info("worker runs", worker=name)
    stop.wait()
    executor.stop()
    os._exit(0)  # a job under way is parked in its thread, and would hold up an orderly exit
