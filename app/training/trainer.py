"""Training steps: one subprocess each, watched, its result stored with its hash."""

import shutil
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from dbos import DBOS
from sqlalchemy.orm import Session

from app.platform.database import Database
from app.platform.durable import TRAINING
from app.platform.stopping import StopSignal
from app.training.job_process import JobProcess
from app.training.models import Policy, Step
from app.training.outcome import CANCELLED, DONE, FAILED, PAUSED
from app.training.repository import experiment_status, get_step, policy_of
from app.training.specification import RESULT
from app.training.staging import Pinned, stage
from app.training.step_life import add_to_curve, begin, fail, finish, hold
from hndp_core.data.artefact_store import ArtefactStore
from hndp_core.errors import HndpError

REPORT_PERIOD_S: Final = 0.5
STATUS_PERIOD_S: Final = 1.0
_POLICY_KINDS: Final = {"pretraining": "encoder", "local_training": "local", "global_training": "global"}


def register_training(trainer: "Trainer") -> None:
    """Let this process run training jobs; to be called before the executor starts."""

    @DBOS.workflow(name=TRAINING, max_recovery_attempts=None)
    def training(experiment_id: int, step_id: int, demonstrations: list[int], gate_trials: list[int]) -> str:
        pinned = Pinned(demonstrations, gate_trials)
        return DBOS.run_step({"name": "train"}, trainer.train, experiment_id, step_id, pinned)


class TrainingFailed(HndpError):
    """A training job that ended without a result."""

    def __init__(self, exit_code: int, log: str) -> None:
        last = next((line for line in reversed(log.splitlines()) if line.strip()), "nothing was printed")
        how = f"was killed by signal {-exit_code}" if exit_code < 0 else f"ended with code {exit_code}"
        super().__init__(f"The training job {how}: {last}. See its log; then retry.")


class Trainer:
    """Runs training steps in this worker.

    Args:
        database: of the app
        store: where policies are kept
        folder: for the files of jobs under way
        stop: asked when the worker shall end
        start_job: makes the subprocess of a folder
    """

    def __init__(
        self,
        database: Database,
        store: ArtefactStore,
        folder: Path,
        stop: StopSignal,
        start_job: Callable[[Path], JobProcess] = JobProcess,
    ) -> None:
        self._start_job = start_job
        self._database = database
        self._store = store
        self._folder = folder
        self._stop = stop

    def train(self, experiment_id: int, step_id: int, pinned: Pinned) -> str:
        """Run a step to its end, or until its experiment is paused or cancelled; never raises.

        Called again after a crash it goes on from the checkpoint; a step that is done is not repeated.
        """
        folder = self._folder / "training" / f"step-{step_id}"
        log = ""
        try:
            with self._database.transaction() as session:
                step = get_step(session, step_id)
                if step.status == "done":
                    return DONE
                status = experiment_status(session, experiment_id)
                if status != "running":
                    return _held(status)
                begin(step)
                folder = folder.with_name(f"{folder.name}-{step.attempt}")
            with self._database.reading() as session:  # many files: no label may wait for them
                stage(session, self._store, get_step(session, step_id), pinned, folder)
            with self._start_job(folder) as job:
                held = self._watch(job, experiment_id, step_id)
                if held == PAUSED:
                    self._put_back(step_id)
                if held is not None:
                    return self._left(folder, held)
                code, log = job.exit_code(), job.log()
            if code != 0:
                raise TrainingFailed(code, log)
            self._publish(step_id, (folder / RESULT).read_bytes(), log)
            return self._left(folder, DONE)
        except Exception as error:
            with self._database.transaction() as session:
                fail(session, step_id, str(error), f"{log}\n{traceback.format_exc()}")
            return self._left(folder, FAILED)

    def _watch(self, job: JobProcess, experiment_id: int, step_id: int) -> str | None:
        """Follow the job; None when it has ended, else why it is to be stopped."""
        pending: list[dict[str, Any]] = []
        written = looked = time.monotonic()
        while True:
            reports, ended = job.reports(wait_s=REPORT_PERIOD_S / 2)
            pending += reports
            if self._stop.asked:
                job.kill()
                self._stop.park()
            if pending and (ended or time.monotonic() - written >= REPORT_PERIOD_S):
                self._write_progress(step_id, pending)
                pending, written = [], time.monotonic()
            if ended:
                return None
            if time.monotonic() - looked >= STATUS_PERIOD_S:
                looked = time.monotonic()
                with self._database.reading() as session:
                    status = experiment_status(session, experiment_id)
                if status in (PAUSED, CANCELLED):
                    return status

    def _write_progress(self, step_id: int, reports: list[dict[str, Any]]) -> None:
        with self._database.transaction() as session:
            step = get_step(session, step_id)
            step.done, step.total = reports[-1]["done"], reports[-1]["total"]
            curve = step.curve
            for report in reports:
                if report["losses"]:
                    curve = add_to_curve(curve, {"at": report["at"], **report["losses"]})
            step.curve = curve

    def _publish(self, step_id: int, content: bytes, log: str) -> None:
        """Store the trained policy; its row and the end of the step are one transaction."""
        with self._database.reading() as session:
            step = get_step(session, step_id)
            key = _artefact_key(step)
        artefact = self._store.write(key, content)
        with self._database.transaction() as session:
            step = get_step(session, step_id)
            _add_policy(session, step, key, artefact.sha256)
            step.log = log or None
            finish(step)

    def _put_back(self, step_id: int) -> None:
        with self._database.transaction() as session:
            hold(session, step_id)

    def _left(self, folder: Path, outcome: str) -> str:
        """Remove the job's files; a paused one needs them again."""
        if outcome != PAUSED:
            shutil.rmtree(folder, ignore_errors=True)
        return outcome


def _held(status: str) -> str:
    return CANCELLED if status == "cancelled" else PAUSED


def _artefact_key(step: Step) -> str:
    iteration = step.iteration
    return f"policies/{iteration.experiment_id}/{iteration.number}/{_POLICY_KINDS[step.kind]}.safetensors"


def _add_policy(session: Session, step: Step, key: str, sha256: str) -> None:
    kind = _POLICY_KINDS[step.kind]
    iteration = step.iteration
    if policy_of(session, iteration.experiment_id, iteration.number, kind) is None:
        session.add(Policy(iteration_id=iteration.id, kind=kind, artefact_key=key, sha256=sha256))
