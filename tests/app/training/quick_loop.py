"""Quick stand-ins for training and arm, and what tests of the loop ask and do again and again."""

import threading
from collections.abc import Callable

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.cells.record_files import store_record
from app.experiments.models import Experiment
from app.platform.database import Database
from app.platform.durable import Jobs
from app.platform.model import now
from app.training.models import Iteration, Policy, Step
from app.training.outcome import CANCELLED, DONE, FAILED, PAUSED
from app.training.repository import experiment_status, get_step, policy_of
from app.training.step_life import begin, fail, finish
from app.trials.models import Trial
from hndp_core.data.artefact_store import ArtefactStore
from hndp_core.rollout import RolloutRecord


class QuickTraining:
    """Stands in for the trainer: a policy row at once. `fail_at` names a step that fails on its next run."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.fail_at: str | None = None
        self.hold = threading.Event()
        self.hold.set()
        self.gate_trials: dict[int, list[int]] = {}

    def train(self, experiment_id: int, step_id: int, gate_trials: list[int]) -> str:
        self.hold.wait(20)
        with self._database.transaction() as session:
            status = experiment_status(session, experiment_id)
            if status != "running":
                return CANCELLED if status == "cancelled" else PAUSED
            step = get_step(session, step_id)
            if step.status == "done":
                return DONE
            begin(step)
            if self.fail_at == step.kind:
                self.fail_at = None
                fail(session, step_id, "the loss is not finite", "log")
                return FAILED
            if step.kind == "local_training":
                self.gate_trials[step.iteration.number] = gate_trials
            kind = {"local_training": "local", "global_training": "global"}[step.kind]
            if policy_of(session, experiment_id, step.iteration.number, kind) is None:
                session.add(
                    Policy(iteration_id=step.iteration_id, kind=kind, artefact_key="policies/x", sha256="0")
                )
            finish(step)
        return DONE


class QuickArm:
    """Stands in for the trial runner: T1 succeeds, T2 fails, H1 succeeds."""

    def __init__(self, database: Database, store: ArtefactStore) -> None:
        self._database = database
        self._store = store

    def run(self, trial_id: int, step_id: int, batch: list[int]) -> str:
        with self._database.transaction() as session:
            trial = session.get_one(Trial, trial_id)
            folder = f"trials/{trial_id}"
            trial.sha256 = store_record(self._store, folder, "record", small_record(trial_id), 50.0)
            trial.artefact_key, trial.executed_at, trial.status = folder, now(), "executed"
            trial.physics_success = trial.region.index == 1
            step = get_step(session, step_id)
            if step.kind != "labelling":
                step.done += 1
        return DONE


def start(database: Database, jobs: Jobs, experiment_id: int) -> None:
    with database.transaction() as session:
        jobs.start_refinement(session, experiment_id)


def change_status(database: Database, jobs: Jobs, experiment_id: int, status: str) -> None:
    with database.transaction() as session:
        session.get_one(Experiment, experiment_id).status = status
        jobs.status_changed(session, experiment_id)


def has_status(experiment_id: int, status: str) -> Callable[[Session], bool]:
    return lambda session: experiment_status(session, experiment_id) == status


def step_is(iteration: int, kind: str, status: str) -> Callable[[Session], bool]:
    def holds(session: Session) -> bool:
        step = find_step(session, iteration, kind)
        return step is not None and step.status == status

    return holds


def trials(session: Session, purpose: str, iteration: int = 1, attempt: int = 1) -> list[Trial]:
    """Executed trials in the order of their regions."""
    chosen = (
        select(Trial)
        .join(Iteration)
        .where(
            Iteration.number == iteration,
            Trial.purpose == purpose,
            Trial.attempt == attempt,
            Trial.status == "executed",
        )
        .order_by(Trial.id)
    )
    return list(session.scalars(chosen))


def has_trial(purpose: str, iteration: int, attempt: int) -> Callable[[Session], bool]:
    return lambda session: trials(session, purpose, iteration, attempt) != []


def small_record(place: float) -> RolloutRecord:
    """A record of five steps, told from others by `place`."""
    joints = np.full((5, 7), 0.1 * place)
    picture = np.full((48, 64, 3), 40, np.uint8)
    return RolloutRecord(
        start_image=np.full((96, 96, 3), 10, np.uint8),
        state=np.array([0.5, place]),
        start_joints=np.zeros(7),
        commanded=joints,
        slow_down=1.0,
        measured=joints,
        time_s=np.arange(1, 6) / 50,
        frames=(picture,),
        first_frame=picture,
        last_frame=picture,
        outcome=None,
        stopped=False,
    )


def find_step(session: Session, iteration: int, kind: str) -> Step | None:
    chosen = select(Step).join(Iteration).where(Iteration.number == iteration, Step.kind == kind)
    return session.scalar(chosen)


def step_of(session: Session, iteration: int, kind: str) -> Step:
    step = find_step(session, iteration, kind)
    assert step is not None
    return step
