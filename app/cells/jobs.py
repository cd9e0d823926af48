"""The durable jobs of a cell: trials in batches, demonstrations, replays. One at a time: there is one arm."""

import traceback
from typing import Any

from dbos import DBOS

from app.demonstrations.recording import Recorder
from app.demonstrations.replaying import Replayer
from app.platform.database import Database
from app.platform.durable import DEMONSTRATION, REPLAY, ROLLOUTS
from app.training.outcome import CANCELLED, DONE, FAILED, PAUSED
from app.training.repository import experiment_status, get_step
from app.training.step_life import begin, fail, finish, hold
from app.trials.execution import TrialRunner
from app.trials.planning import plan_trials


def register_cell_jobs(
    database: Database, runner: TrialRunner, recorder: Recorder, replayer: Replayer
) -> None:
    """Let this process run a cell's jobs; to be called before the executor starts."""
    batch = RolloutBatch(database, runner)

    @DBOS.workflow(name=ROLLOUTS, max_recovery_attempts=None)
    def rollouts(experiment_id: int, step_id: int, trial_ids: list[int] | None) -> str:
        return batch.run(experiment_id, step_id, trial_ids)

    @DBOS.workflow(name=DEMONSTRATION, max_recovery_attempts=None)
    def demonstration(demonstration_id: int) -> str:
        return DBOS.run_step({"name": "record"}, recorder.record, demonstration_id)

    @DBOS.workflow(name=REPLAY, max_recovery_attempts=None)
    def replay(replay_id: int) -> str:
        return DBOS.run_step({"name": "replay"}, replayer.replay, replay_id)


class RolloutBatch:
    """The trials of one step, one durable step each; given trials are run again for the labels' sake."""

    def __init__(self, database: Database, runner: TrialRunner) -> None:
        self._database = database
        self._runner = runner

    def run(self, experiment_id: int, step_id: int, again: list[int] | None) -> str:
        planned = DBOS.run_step({"name": "plan"}, self._plan, experiment_id, step_id, again)
        outcome, trials = planned["outcome"], planned["trials"]
        for trial_id in trials:
            outcome = DBOS.run_step({"name": "trial"}, self._trial, trial_id, step_id, trials)
            if outcome != DONE:
                break
        DBOS.run_step({"name": "end"}, self._end, step_id, outcome)
        return outcome

    def _plan(self, experiment_id: int, step_id: int, again: list[int] | None) -> dict[str, Any]:
        try:
            with self._database.transaction() as session:
                step = get_step(session, step_id)
                if step.status == "done":
                    return {"outcome": DONE, "trials": []}
                status = experiment_status(session, experiment_id)
                if status != "running":
                    return {"outcome": CANCELLED if status == "cancelled" else PAUSED, "trials": []}
                if step.kind == "labelling":
                    return {"outcome": DONE, "trials": again or []}
                begin(step)
                trials = list(plan_trials(session, step))
                step.total = len(trials)
                return {"outcome": DONE, "trials": trials}
        except Exception as error:
            return {"outcome": self._fail(step_id, error), "trials": []}

    def _trial(self, trial_id: int, step_id: int, batch: list[int]) -> str:
        try:
            return self._runner.run(trial_id, step_id, batch)
        except Exception as error:
            return self._fail(step_id, error)

    def _fail(self, step_id: int, error: Exception) -> str:
        with self._database.transaction() as session:
            fail(session, step_id, str(error), traceback.format_exc())
        return FAILED

    def _end(self, step_id: int, outcome: str) -> None:
        with self._database.transaction() as session:
            step = get_step(session, step_id)
            if outcome == PAUSED:
                hold(session, step_id)
            if outcome == DONE and step.kind != "labelling":
                finish(step)
