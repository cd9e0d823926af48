"""H-NDP Algorithm 1 as a durable workflow: it orders the steps, waits for people, and computes nothing.

After a crash it is run again from its start; what a finished step returned is read from the database, so
nothing is repeated. Training runs as a child job of the training queue, rollouts as child jobs of the cell.
Its own steps are short transactions.
"""

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from dbos import DBOS, EnqueueOptions
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
from app.platform.model import now
from app.training.gate_setting import settle_labels
from app.training.outcome import CANCELLED, DONE, FAILED, PAUSED
from app.training.repository import experiment_status, get_experiment
from app.training.staging import accepted_demonstrations
from app.training.step_life import close_cancelled, fail, open_iteration, reopen

NEWS_TIMEOUT_S: Final = 600.0
"""How long a waiting refinement sleeps when no news comes, before it looks at the database itself."""

TRAININGS: Final = ("pretraining", "local_training", "global_training")
ROLLOUT_STEPS: Final = ("local_rollouts", "gate_rollouts", "held_out_rollouts")


class _Cancelled(Exception):
    """The experiment was cancelled: leave the loop."""


def register_refinement(database: Database) -> None:
    """Let this process run refinements; to be called before the executor starts."""

    @DBOS.workflow(name=REFINEMENT, max_recovery_attempts=None)
    def refinement(experiment_id: int) -> str:
        return Refinement(database, experiment_id).run()


@dataclass(frozen=True)
class _Plan:
    """What holds for the whole refinement, settled at its start."""

    iterations: int
    cell_queue: str
    demonstrations: list[int]


class Refinement:
    """One run of the loop. Every look at the database is a `_step`, so that a replay sees the same."""

    def __init__(self, database: Database, experiment_id: int) -> None:
        self._database = database
        self._id = experiment_id

    def run(self) -> str:
        """Run the loop; return how it ended. What it did not expect leaves the experiment failed."""
        try:
            return self._loop()
        except Exception:
            self._step("break off", _break_off, self._id)
            raise

    def _loop(self) -> str:
        plan = _Plan(**self._step("plan", _plan, self._id))
        gate_trials: list[int] = []
        try:
            for number in range(1, plan.iterations + 1):
                steps = self._step("open iteration", open_iteration, self._id, number)
                for kind, step_id in steps.items():
                    if kind == "labelling":
                        gate_trials = self._label(plan, number, step_id)
                    else:
                        self._until_done(plan, f"{number}/{kind}", kind, step_id, gate_trials)
        except _Cancelled:
            self._step("close", close_cancelled, self._id)
            return CANCELLED
        self._step("finish", _finish, self._id)
        return DONE

    def _until_done(
        self, plan: _Plan, name: str, kind: str, step_id: int, ids: list[int] | None = None
    ) -> None:
        """Run a step as child jobs until one ends it: a pause or a failure is followed by a further one."""
        for run in itertools.count(1):
            outcome = self._child(plan, f"{name}/{run}", kind, step_id, ids)
            if outcome == DONE:
                return
            if outcome == CANCELLED:
                raise _Cancelled
            if outcome == PAUSED:
                self._wait_until_running()
            if outcome == FAILED:
                self._wait_for_retry(step_id)

    def _child(self, plan: _Plan, name: str, kind: str, step_id: int, ids: list[int] | None) -> str:
        """Enqueue a child job under a name that a replay finds again, and wait for its outcome."""
        training = kind in TRAININGS
        options: EnqueueOptions = {
            "workflow_name": TRAINING if training else ROLLOUTS,
            "queue_name": TRAINING_QUEUE if training else plan.cell_queue,
            "workflow_id": f"{refinement_id(self._id)}/{name}",
            "app_version": JOB_VERSION,
        }
        inputs = [plan.demonstrations, ids] if training else [ids]
        handle = DBOS.enqueue_workflow_with_options(options, self._id, step_id, *inputs)
        try:
            return handle.get_result(polling_interval_sec=POLLING_S)
        except Exception as error:
            self._step("fail", fail, step_id, str(error), "")
            return FAILED

    def _label(self, plan: _Plan, number: int, step_id: int) -> list[int]:
        """Wait until all gate trials are judged, running invalid ones again; return those of the gates."""
        while True:
            labelling = self._step("labels", _settle, step_id)
            if labelling["state"] == "set":
                return labelling["gate_trials"]
            if labelling["state"] == "cancelled":
                raise _Cancelled
            if labelling["state"] == "again":
                again = labelling["again"]
                self._until_done(plan, f"{number}/again/{again[0]}", "again", step_id, again)
            else:
                DBOS.recv(NEWS, timeout_seconds=NEWS_TIMEOUT_S)

    def _wait_until_running(self) -> None:
        while (status := self._step("status", experiment_status, self._id)) != "running":
            if status == "cancelled":
                raise _Cancelled
            DBOS.recv(NEWS, timeout_seconds=NEWS_TIMEOUT_S)

    def _wait_for_retry(self, step_id: int) -> None:
        """Wait until somebody asks for the step again, or cancels."""
        while True:
            news = DBOS.recv(NEWS, timeout_seconds=NEWS_TIMEOUT_S)
            if news is not None and news.get("about") == "retry" and news["step_id"] == step_id:
                self._step("reopen", reopen, step_id, news["attempt"] + 1)
                return
            if self._step("status", experiment_status, self._id) == "cancelled":
                raise _Cancelled

    def _step(self, name: str, function: Callable[..., Any], *args: Any) -> Any:
        """Run a function of a session and more as one transaction, whose result is kept for a replay."""

        def transaction() -> Any:
            with self._database.transaction() as session:
                return function(session, *args)

        return DBOS.run_step({"name": name}, transaction)


def _plan(session: Session, experiment_id: int) -> dict[str, Any]:
    experiment = get_experiment(session, experiment_id)
    return {
        "iterations": experiment.iterations,
        "cell_queue": experiment.cell.queue_name,
        "demonstrations": accepted_demonstrations(session, experiment_id),
    }


def _settle(session: Session, step_id: int) -> dict[str, Any]:
    return settle_labels(session, step_id).to_json()


def _finish(session: Session, experiment_id: int) -> None:
    experiment = get_experiment(session, experiment_id)
    experiment.status, experiment.finished_at = "finished", now()


def _break_off(session: Session, experiment_id: int) -> None:
    get_experiment(session, experiment_id).status = "failed"
