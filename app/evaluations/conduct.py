"""An evaluation session as a durable workflow: block after block on the cell, invalid trials again, until
somebody closes it. It computes nothing; after a crash it goes on where it was.
"""

import itertools
from typing import Any, Final

from dbos import DBOS, EnqueueOptions, StepOptions
from sqlalchemy.exc import OperationalError

from app.evaluations.turns import CLOSED, RUN, next_turn
from app.platform.database import Database
from app.platform.durable import EVALUATION, EVALUATION_TRIALS, JOB_VERSION, NEWS, evaluation_id
from app.platform.executor import POLLING_S
from app.training.outcome import DONE

NEWS_TIMEOUT_S: Final = 600.0
"""How long a waiting session sleeps when no news comes, before it looks at the database itself."""

_PATIENCE: Final[StepOptions] = {
    "retries_allowed": True,
    "should_retry": lambda error: isinstance(error, OperationalError),
    "interval_seconds": 1.0,
    "max_attempts": 8,
}
"""A database that is away for two minutes ends no session."""


def register_evaluations(database: Database, label_grace_s: float) -> None:
    """Let this process conduct evaluation sessions; to be called before the executor starts.

    Args:
        database: of the app
        label_grace_s: seconds in which the label `invalid` can be taken back before its trial is run again
    """

    @DBOS.workflow(name=EVALUATION, max_recovery_attempts=None)
    def evaluation(session_id: int) -> str:
        return conduct(database, session_id, label_grace_s)


def conduct(database: Database, session_id: int, label_grace_s: float) -> str:
    """Run a session to its end. Every look at the database is a step, so that a replay sees the same."""
    for child in itertools.count(1):
        turn = _turn(database, session_id, label_grace_s)
        if turn["state"] == CLOSED:
            break
        if turn["state"] == RUN:
            _run(session_id, child, turn["cell_queue"], turn["trials"])
        else:
            DBOS.recv(NEWS, timeout_seconds=turn["grace_s"] or NEWS_TIMEOUT_S)
    return DONE


def _run(session_id: int, child: int, cell_queue: str, trials: list[int]) -> None:
    """Have the cell run some trials, under a name that a replay finds again; the rows say how it went."""
    options: EnqueueOptions = {
        "workflow_name": EVALUATION_TRIALS,
        "queue_name": cell_queue,
        "workflow_id": f"{evaluation_id(session_id)}/{child}",
        "app_version": JOB_VERSION,
    }
    handle = DBOS.enqueue_workflow_with_options(options, session_id, trials)
    handle.get_result(polling_interval_sec=POLLING_S)


def _turn(database: Database, session_id: int, label_grace_s: float) -> dict[str, Any]:
    """What to do next, as one transaction whose result is kept for a replay."""

    def transaction() -> dict[str, Any]:
        with database.transaction() as session:
            return next_turn(session, session_id, label_grace_s)

    return DBOS.run_step({"name": "turn", **_PATIENCE}, transaction)
