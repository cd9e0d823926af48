"""Names of the durable jobs, and how the web process asks for them.

Jobs run under DBOS, whose tables live in the app's own database: a request for a job is a row of the same
transaction as the app's rows, so that neither exists without the other. This module loads neither torch nor
mujoco; the workflows themselves are in `app.training.refinement` and `app.cells.jobs`.
"""

from collections.abc import Sequence
from typing import Any, Final

import structlog
from dbos import DBOS, DBOSClient, DBOSPortableJSONSerializer, EnqueueOptions
from dbos import error as dbos_error
from sqlalchemy import Engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session

from app.cells.models import Cell

APPLICATION: Final = "hndp-studio"
JOB_VERSION: Final = "2"
"""Set by hand: the library's default hashes the source, and an edit would strand the pending work.
Raise it when a workflow's order of steps changes."""

SERIALIZER: Final = DBOSPortableJSONSerializer()
"""Arguments and results are JSON; the library's default is pickle."""

REFINEMENT_QUEUE: Final = "refinement"
TRAINING_QUEUE: Final = "training"
TRANSFER_QUEUE: Final = "transfers"

REFINEMENT: Final = "refinement"
TRAINING: Final = "training"
ROLLOUTS: Final = "rollouts"
DEMONSTRATION: Final = "demonstration"
REPLAY: Final = "replay"
TRANSFER: Final = "transfer"

EVALUATION: Final = "evaluation"
EVALUATION_TRIALS: Final = "evaluation trials"

NEWS: Final = "news"
"""The one topic of a refinement or an evaluation: a label has come, a status has changed, a step shall be
tried again. A message only wakes the workflow, which then looks at the database; a lost or doubled one
changes nothing."""


log = structlog.get_logger()


def refinement_id(experiment_id: int) -> str:
    return f"refinement/{experiment_id}"


def evaluation_id(session_id: int) -> str:
    return f"evaluation/{session_id}"


def demonstration_id(demonstration_id: int) -> str:
    return f"demonstration/{demonstration_id}"


def migrate_jobs(url: str) -> None:
    """Create or update the durable jobs' tables in the app's database: `dbos` schema on PostgreSQL.

    It opens a connection of its own, because on SQLite the library begins its transaction itself.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() == "postgresql":
        parsed = parsed.set(drivername="postgresql")
    DBOS.migrate(parsed.render_as_string(hide_password=False))


class Jobs:
    """Asks for durable jobs inside the caller's transaction: if that rolls back, nobody was asked.

    Safe in the web process; it runs no job itself. All methods may be called twice with the same arguments.
    """

    def __init__(self, engine: Engine) -> None:
        self._client = DBOSClient(
            system_database_engine=engine, serializer=SERIALIZER, application_name=APPLICATION, lazy=True
        )

    def start_refinement(self, session: Session, experiment_id: int) -> None:
        """Start Algorithm 1 for an experiment whose status the caller has set to running."""
        self._enqueue(session, REFINEMENT, REFINEMENT_QUEUE, refinement_id(experiment_id), experiment_id)

    def record_demonstrations(self, session: Session, cell: Cell, demonstration_ids: Sequence[int]) -> None:
        """Record queued demonstrations on a cell, one after another in this order."""
        for each in demonstration_ids:
            self._enqueue(session, DEMONSTRATION, cell.queue_name, demonstration_id(each), each)

    def replay(self, session: Session, cell: Cell, replay_id: int) -> None:
        """Execute a demonstration once more on a cell."""
        self._enqueue(session, REPLAY, cell.queue_name, f"replay/{replay_id}", replay_id)

    def transfer(self, session: Session, transfer_id: int) -> None:
        """Write a data set or an archive, or restore an experiment, on a worker."""
        self._enqueue(session, TRANSFER, TRANSFER_QUEUE, f"transfer/{transfer_id}", transfer_id)

    def label_arrived(self, session: Session, experiment_id: int, request_key: str) -> None:
        """Tell the refinement that a label was given, corrected or withdrawn."""
        self._tell(session, refinement_id(experiment_id), {"about": "label"}, f"label/{request_key}")

    def retry_step(self, session: Session, experiment_id: int, step_id: int, attempt: int) -> None:
        """Run a failed step again. `attempt` is the one that failed, so that a double click asks once."""
        message = {"about": "retry", "step_id": step_id, "attempt": attempt}
        self._tell(session, refinement_id(experiment_id), message, f"retry/{step_id}/{attempt}")

    def status_changed(self, session: Session, experiment_id: int) -> None:
        """Wake a refinement that waits, after its experiment was paused, resumed or cancelled.

        Without it the refinement notices within ten minutes; a step that runs notices within a second anyway.
        """
        self._tell(session, refinement_id(experiment_id), {"about": "status"}, None)

    def start_evaluation(self, session: Session, session_id: int) -> None:
        """Conduct an evaluation session whose status the caller has set to running."""
        self._enqueue(session, EVALUATION, REFINEMENT_QUEUE, evaluation_id(session_id), session_id)

    def evaluation_changed(self, session: Session, session_id: int) -> None:
        """Wake an evaluation that waits: a label was given or taken back, or its status has changed."""
        self._tell(session, evaluation_id(session_id), {"about": "change"}, None)

    def counts(self, session: Session) -> dict[str, int]:
        """Jobs that wait in a queue, and jobs that are under way."""
        schema = "dbos." if session.get_bind().dialect.name == "postgresql" else ""
        rows = session.execute(text(f"SELECT status, count(*) FROM {schema}workflow_status GROUP BY status"))
        found = {status: count for status, count in rows}
        return {"waiting": found.get("ENQUEUED", 0), "running": found.get("PENDING", 0)}

    def forget(self, workflow_ids: Sequence[str]) -> None:
        """Remove all that is kept of jobs, whose rows are deleted, and of the jobs that these started.

        It opens a transaction of its own: to be called when the caller's is over.
        """
        if workflow_ids:
            self._client.cancel_workflows(list(workflow_ids))
            self._client.delete_workflows(list(workflow_ids), delete_children=True)

    def close(self) -> None:
        self._client.destroy()

    def _enqueue(self, session: Session, workflow: str, queue: str, workflow_id: str, *args: Any) -> None:
        options: EnqueueOptions = {
            "workflow_name": workflow,
            "queue_name": queue,
            "workflow_id": workflow_id,
            "app_version": JOB_VERSION,
        }
        self._client.enqueue_in_transaction(session, options, *args)

    def _tell(self, session: Session, name: str, message: dict[str, Any], key: str | None) -> None:
        """Send news to a refinement or an evaluation. One that is over leaves it unread; one that the jobs'
        tables no longer know needs none.
        """
        try:
            with session.begin_nested():  # a refused message must not undo the caller's rows
                self._client.send_in_transaction(session, name, message, topic=NEWS, idempotency_key=key)
        except dbos_error.DBOSNonExistentWorkflowError:
            log.info("nobody reads the news", job=name, news=message)
