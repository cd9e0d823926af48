"""H-NDP Algorithm 1 as a durable workflow: it orders the steps, waits for people, and computes nothing.

After a crash it is run again from its start; what a finished step returned is read from the database, so
nothing is repeated. Training runs as a child job of the training queue, rollouts as child jobs of the cell.
Its own steps are short transactions.
"""

import itertools
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from dbos import DBOS, EnqueueOptions, StepOptions
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from app.platform.database import Database
from app.platform.durable import (
    JOB_VERSION,
    NEWS,
    REFINEMENT,
    ROLLOUTS,
    TRAINING,
    TRAINING_QUEUE,
    refinement_id,
)
from app.platform.executor import POLLING_S
from app.training.gate_setting import settle_labels
from app.training.models import TRAININGS
from app.training.outcome import CANCELLED, DONE, FAILED, PAUSED
from app.training.repository import experiment_status, get_experiment, get_step
from app.training.staging import accepted_demonstrations
from app.training.step_life import break_off, close_cancelled, fail, open_iteration, reopen

NEWS_TIMEOUT_S: Final = 600.0
"""How long a waiting refinement sleeps when no news comes, before it looks at the database itself."""

_PATIENCE: Final[StepOptions] = {
    "retries_allowed": True,
    "should_retry": lambda error: isinstance(error, OperationalError),
    "interval_seconds": 1.0,
    "max_attempts": 8,
}
"""A database that is away for two minutes is no failure of the refinement."""


class _Cancelled(Exception):
    """The experiment was cancelled: leave the loop."""


def register_refinement(database: Database, label_grace_s: float) -> None:
    """Let this process run refinements; to be called before the executor starts.

    Args:
        database: of the app
        label_grace_s: seconds in which the last label can be taken back before the gates are set
    """

    @DBOS.workflow(name=REFINEMENT, max_recovery_attempts=None)
    def refinement(experiment_id: int) -> str:
        return Refinement(database, experiment_id, label_grace_s).run()


@dataclass(frozen=True)
class _Plan:
    """What holds for the whole refinement, settled at its start."""

    iterations: int
    cell_queue: str
    demonstrations: list[int]


class Refinement:
    """One run of the loop. Every look at the database is a `_step`, so that a replay sees the same."""

    def __init__(self, database: Database, experiment_id: int, label_grace_s: float) -> None:
        self._database = database
        self._id = experiment_id
        self._label_grace_s = label_grace_s
        self._children = itertools.count(1)
        self._gates_set = 0  # iterations
        self._gate_trials: list[int] = []

    def run(self) -> str:
        """Run the loop; return how it ended."""
        try:
            return self._insist()
        except _Cancelled:
            self._step("close", close_cancelled, self._id)
            return CANCELLED

    def _insist(self) -> str:
        """Run the loop to its end. What it did not expect fails the step under way; a retry goes on there."""
        while True:
            try:
                return self._loop()
            except _Cancelled:
                raise
            except Exception as error:
                reason, log = str(error), traceback.format_exc()
                self._wait_for_retry(self._step("break off", break_off, self._id, reason, log))

    def _loop(self) -> str:
        plan = _Plan(**self._step("plan", _plan, self._id))
        for number in range(self._gates_set + 1, plan.iterations + 1):
            steps = self._step("open iteration", _left, self._id, number)
            for kind, step_id in steps.items():
                if kind == "labelling":
                    self._gate_trials = self._label(plan, step_id)
                else:
                    self._until_done(plan, kind, step_id, self._gate_trials)
            self._gates_set = number
        return DONE

    def _until_done(self, plan: _Plan, kind: str, step_id: int, ids: list[int]) -> None:
        """Run a step as child jobs until one ends it: a pause or a failure is followed by a further one."""
        while (outcome := self._child(plan, kind, step_id, ids)) != DONE:
            if outcome == CANCELLED:
                raise _Cancelled
            if outcome == PAUSED:
                self._wait_until_running()
            if outcome == FAILED:
                self._wait_for_retry(step_id)

    def _child(self, plan: _Plan, kind: str, step_id: int, ids: list[int]) -> str:
        """Enqueue a child job under a name that a replay finds again, and wait for its outcome."""
        training = kind in TRAININGS
        options: EnqueueOptions = {
            "workflow_name": TRAINING if training else ROLLOUTS,
            "queue_name": TRAINING_QUEUE if training else plan.cell_queue,
            "workflow_id": f"{refinement_id(self._id)}/{next(self._children)}/{kind}",
            "app_version": JOB_VERSION,
        }
        inputs = [plan.demonstrations, ids] if training else [ids]
        handle = DBOS.enqueue_workflow_with_options(options, self._id, step_id, *inputs)
        try:
            return handle.get_result(polling_interval_sec=POLLING_S)
        except Exception as error:
            self._step("fail", fail, step_id, str(error), "")
            return FAILED

    def _label(self, plan: _Plan, step_id: int) -> list[int]:
        """Wait until all gate trials are judged, running invalid ones again; return those of the gates.

        In the last iteration held-out trials are waited for, too.
        """
        while True:
            labelling = self._step("labels", _settle, step_id, self._label_grace_s)
            if labelling["state"] == "set":
                return labelling["gate_trials"]
            if labelling["state"] == "cancelled":
                raise _Cancelled
            if labelling["state"] == "again":
                self._until_done(plan, "again", step_id, labelling["again"])
            else:
                DBOS.recv(NEWS, timeout_seconds=labelling["grace_s"] or NEWS_TIMEOUT_S)

    def _wait_until_running(self) -> None:
        while (status := self._step("status", experiment_status, self._id)) != "running":
            if status == "cancelled":
                raise _Cancelled
            DBOS.recv(NEWS, timeout_seconds=NEWS_TIMEOUT_S)

    def _wait_for_retry(self, step_id: int) -> None:
        """Wait until somebody asks for the step again, or cancels."""
        while self._step("status", experiment_status, self._id) != "cancelled":
            news = DBOS.recv(NEWS, timeout_seconds=NEWS_TIMEOUT_S)
            if news is not None and news.get("about") == "retry" and news["step_id"] == step_id:
                self._step("reopen", reopen, step_id, news["attempt"] + 1)
                return
        raise _Cancelled

    def _step(self, name: str, function: Callable[..., Any], *args: Any) -> Any:
        """Run a function of a session and more as one transaction, whose result is kept for a replay."""

        def transaction() -> Any:
            with self._database.transaction() as session:
                return function(session, *args)

        return DBOS.run_step({"name": name, **_PATIENCE}, transaction)


def _plan(session: Session, experiment_id: int) -> dict[str, Any]:
    experiment = get_experiment(session, experiment_id)
    return {
        "iterations": experiment.iterations,
        "cell_queue": experiment.cell.queue_name,
        "demonstrations": accepted_demonstrations(session, experiment_id),
    }


def _left(session: Session, experiment_id: int, number: int) -> dict[str, int]:
    """Open an iteration; return its steps that are not done, by kind. What a restored experiment brought
    needs no machine here; its labelling is looked at even so, for the trials behind the gates.
    """
    steps = open_iteration(session, experiment_id, number)
    return {
        kind: step_id
        for kind, step_id in steps.items()
        if kind == "labelling" or get_step(session, step_id).status != "done"
    }


def _settle(session: Session, step_id: int, grace_s: float) -> dict[str, Any]:
    return settle_labels(session, step_id, grace_s).to_json()
