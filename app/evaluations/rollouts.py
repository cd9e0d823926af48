"""The durable job of a cell that runs evaluation trials, one after another. What goes wrong is told blind."""

from typing import Final

from dbos import DBOS

from app.evaluations.models import EvaluationSession
from app.platform.database import Database
from app.platform.durable import EVALUATION_TRIALS
from app.training.outcome import DONE, FAILED
from app.trials.execution import TrialRunner
from app.trials.models import Trial
from hndp_core.data.artefact_store import DamagedArtefact, MissingArtefact
from hndp_core.errors import CheckpointError, HndpError

_TELLING: Final = (MissingArtefact, DamagedArtefact, CheckpointError)
"""Errors whose messages name a policy's file, and with it the experiment and iteration behind a letter."""

_FAULT_CHARACTERS: Final = 500


def register_evaluation_trials(database: Database, runner: TrialRunner) -> None:
    """Let this cell run evaluation trials; to be called before the executor starts."""
    batch = EvaluationBatch(database, runner)

    @DBOS.workflow(name=EVALUATION_TRIALS, max_recovery_attempts=None)
    def trials(session_id: int, trial_ids: list[int]) -> str:
        for trial_id in trial_ids:
            outcome = DBOS.run_step({"name": "trial"}, batch.run, session_id, trial_id)
            if outcome != DONE:
                return outcome
        return DONE


class EvaluationBatch:
    """Runs trials of a session; a fault pauses it, so that people look before the next trial."""

    def __init__(self, database: Database, runner: TrialRunner) -> None:
        self._database = database
        self._runner = runner

    def run(self, session_id: int, trial_id: int) -> str:
        """Run one trial; return "done", or why it was not run."""
        try:
            return self._runner.run(trial_id)
        except Exception as error:
            with self._database.transaction() as session:
                row = session.get_one(EvaluationSession, session_id)
                row.fault = blind_reason(error, session.get_one(Trial, trial_id).region.name)
                if row.status == "running":
                    row.status = "paused"
            return FAILED


def blind_reason(error: Exception, region: str) -> str:
    """Why a trial could not be run, without a word that could tell whose policy it was."""
    where = f"A trial in {region} could not be run"
    if isinstance(error, _TELLING):
        return (
            f"{where}: the file of its policy is missing or damaged. Restore it from a backup, then resume."
        )
    if isinstance(error, HndpError):
        return f"{where}: {error}"[:_FAULT_CHARACTERS]
    return f"{where} ({type(error).__name__}). Look at the cell, then resume."
