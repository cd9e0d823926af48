"""A process that runs durable jobs: it takes up its own after a crash, and those of the dead of its kind."""

import logging
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import structlog
from dbos import DBOS, DBOSClient, DBOSConfig
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from app.cells.models import Process
from app.platform.database import Database
from app.platform.durable import APPLICATION, JOB_VERSION, SERIALIZER
from app.platform.heartbeat import DEAD_AFTER_S, HEARTBEAT_S, Heartbeat
from app.platform.model import now

POLLING_S: Final = 0.2
"""Seconds from a job's request to its start, at most. One look at a queue costs SQLite a third of a
millisecond and no write to disk."""

log = structlog.get_logger()


@dataclass(frozen=True)
class JobQueue:
    """A queue that a process serves.

    Attributes:
        name: of the queue
        at_once: jobs that may run at once over all processes; None: no limit
        at_once_here: jobs that may run at once in one process; None: no limit
    """

    name: str
    at_once: int | None = None
    at_once_here: int | None = None


class Executor:
    """Runs the registered workflows of some queues in this process. One per process, as the library demands.

    Args:
        database: holds the app's tables and the jobs'
        kind: "worker" or "cell"
        process_id: durable executor id; the same name after a restart takes up its own jobs at once
        queues: served here
    """

    def __init__(self, database: Database, kind: str, process_id: str, queues: Sequence[JobQueue]) -> None:
        self._database = database
        self._id = process_id
        self._queues = tuple(queues)
        self._heartbeat = Heartbeat(database, kind, process_id)
        self._stopped = threading.Event()
        config: DBOSConfig = {
            "name": APPLICATION,
            "application_version": JOB_VERSION,
            "executor_id": process_id,
            "system_database_engine": database.engine,
            "run_migrations": False,
            "serializer": SERIALIZER,
            "notification_listener_polling_interval_sec": POLLING_S,
            "log_level": "WARNING",
        }
        self._config = config

    def prepare(self) -> None:
        """Get ready for the registration of workflows; before `start`."""
        logging.getLogger("dbos").setLevel(logging.WARNING)
        DBOS(config=self._config)

    def start(self) -> None:
        """Take the name, go on with the own jobs that a crash cut off, and serve the queues.

        Raises:
            NameTaken: a live process has the same name.
        """
        self._heartbeat.start()
        client = DBOSClient(
            system_database_engine=self._database.engine, serializer=SERIALIZER, application_name=APPLICATION
        )
        for queue in self._queues:
            client.register_queue(
                queue.name,
                global_concurrency=queue.at_once,
                worker_concurrency=queue.at_once_here,
                polling_interval_sec=POLLING_S,
            )
        client.destroy()
        DBOS.listen_queues([queue.name for queue in self._queues])
        DBOS.launch()
        threading.Thread(target=self._adopt_regularly, name="adoption", daemon=True).start()

    def stop(self) -> None:
        """Stop serving. Jobs under way are not ended here: they stay pending, and go on at the next start."""
        self._stopped.set()
        DBOS.destroy(destroy_registry=True)
        self._heartbeat.stop()

    def adopt_orphans(self) -> list[str]:
        """Put pending jobs of this process's queues whose executor is dead back on their queue; return them.

        Only pending ones: a cancelled job must not rise again. The library fences a process that was only
        frozen: what it still writes is refused.
        """
        orphans: list[str] = []
        alive = self._alive()
        for queue in self._queues:
            pending = DBOS.list_workflows(
                status="PENDING", queue_name=queue.name, load_input=False, load_output=False
            )
            ids = [each.workflow_id for each in pending if each.executor_id not in alive]
            if ids:
                log.info("taking over jobs of a dead process", jobs=ids)
                DBOS.resume_workflows(ids, queue_name=queue.name)
                orphans += ids
        return orphans

    def _alive(self) -> set[str]:
        since = now() - timedelta(seconds=DEAD_AFTER_S)
        with self._database.reading() as session:
            return {self._id, *session.scalars(select(Process.id).where(Process.heartbeat_at > since))}

    def _adopt_regularly(self) -> None:
        while not self._stopped.wait(HEARTBEAT_S):
            try:
                self.adopt_orphans()
            except SQLAlchemyError as error:
                log.warning("looking for orphaned jobs failed, trying again", error=str(error))
