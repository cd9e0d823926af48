"""The durable loop with real queues and a real database; training and arm are quick stand-ins."""

import threading
from collections import Counter
from collections.abc import Callable, Iterator

import pytest
from dbos import DBOS
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.cells.jobs import RolloutBatch
from app.cells.record_files import store_record
from app.experiments.models import Experiment
from app.platform.database import Database
from app.platform.durable import REFINEMENT_QUEUE, ROLLOUTS, TRAINING, TRAINING_QUEUE, Jobs
from app.platform.executor import Executor, JobQueue
from app.platform.model import now
from app.training.gate_setting import label_hash
from app.training.models import Gate, Iteration, Policy, Step
from app.training.outcome import CANCELLED, DONE, FAILED, PAUSED
from app.training.refinement import register_refinement
from app.training.repository import experiment_status, get_step, policy_of
from app.training.step_life import begin, fail, finish
from app.trials.models import LabelEvent, Trial
from hndp_core.data.artefact_store import ArtefactStore
from tests.app.training.conftest import find_step, small_record, step_of


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


@pytest.fixture
def training(database: Database) -> QuickTraining:
    return QuickTraining(database)


@pytest.fixture
def jobs(database: Database, store: ArtefactStore, training: QuickTraining) -> Iterator[Jobs]:
    """Jobs that are really done, in this process."""
    queues = [JobQueue(REFINEMENT_QUEUE), JobQueue(TRAINING_QUEUE, at_once_here=1), JobQueue("cell:test", 1)]
    executor = Executor(database, "worker", "worker-test", queues)
    executor.prepare()
    register_refinement(database)
    batch = RolloutBatch(database, QuickArm(database, store))  # type: ignore[arg-type]

    @DBOS.workflow(name=TRAINING)
    def train(experiment_id: int, step_id: int, demonstrations: list[int], gate_trials: list[int]) -> str:
        assert len(demonstrations) == 2
        return DBOS.run_step({"name": "train"}, training.train, experiment_id, step_id, gate_trials)

    @DBOS.workflow(name=ROLLOUTS)
    def rollouts(experiment_id: int, step_id: int, trial_ids: list[int] | None) -> str:
        return batch.run(experiment_id, step_id, trial_ids)

    executor.start()
    jobs = Jobs(database.engine)
    yield jobs
    training.hold.set()
    jobs.close()
    executor.stop()


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


def test_a_simulated_operator_runs_the_whole_loop(database, jobs, training, make_experiment, wait_for):
    experiment_id = make_experiment("simulated")
    start(database, jobs, experiment_id)
    wait_for(has_status(experiment_id, "finished"))
    with database.reading() as session:
        assert {step.status for step in session.scalars(select(Step))} == {"done"}
        gates = session.execute(select(Iteration.number, Gate.value).join(Iteration).order_by(Gate.id)).all()
        assert [tuple(each) for each in gates] == [(1, 1), (1, 0), (2, 1), (2, 0)]
        purposes = Counter(session.scalars(select(Trial.purpose)))
        assert purposes == {"local": 4, "gate": 4, "held_out": 2}
        labelled = session.scalars(
            select(Trial.purpose).join(LabelEvent).where(LabelEvent.author.has(role="simulated"))
        ).all()
        assert sorted(labelled) == ["gate"] * 4 + ["held_out"] * 2
        first_gates = session.scalars(
            select(Trial.id).join(Iteration).where(Trial.purpose == "gate", Iteration.number == 1)
        ).all()
    assert training.gate_trials == {1: [], 2: sorted(first_gates)}


def test_the_iteration_waits_for_people_and_unlabelled_is_not_failure(
    database, jobs, make_experiment, wait_for, label
):
    experiment_id = make_experiment(iterations=1)
    start(database, jobs, experiment_id)
    wait_for(step_is(1, "labelling", "waiting"))
    with database.transaction() as session:
        first, second = session.scalars(select(Trial).where(Trial.purpose == "gate").order_by(Trial.id))
        jobs.label_arrived(session, experiment_id, label(session, first, "failure"))
    wait_for(lambda session: step_of(session, 1, "labelling").done == 1)
    with database.transaction() as session:
        assert session.scalars(select(Gate)).all() == []
        key = label(session, second, "success")
        jobs.label_arrived(session, experiment_id, key)
        jobs.label_arrived(session, experiment_id, key)
    wait_for(has_status(experiment_id, "finished"))
    with database.reading() as session:
        assert session.scalars(select(Gate.value).order_by(Gate.id)).all() == [0, 1]


def test_an_invalid_trial_is_run_again_and_not_counted(database, jobs, make_experiment, wait_for, label):
    experiment_id = make_experiment(iterations=1)
    start(database, jobs, experiment_id)
    wait_for(step_is(1, "labelling", "waiting"))
    with database.transaction() as session:
        first, second = session.scalars(select(Trial).where(Trial.purpose == "gate").order_by(Trial.id))
        label(session, second, "success")
        jobs.label_arrived(session, experiment_id, label(session, first, "invalid"))
    again = select(Trial).where(Trial.attempt == 2, Trial.status == "executed")
    wait_for(lambda session: session.scalar(again) is not None)
    with database.transaction() as session:
        repeated = session.scalars(again).one()
        assert repeated.region_id == first.region_id
        assert session.scalars(select(Gate)).all() == []
        jobs.label_arrived(session, experiment_id, label(session, repeated, "success"))
    wait_for(has_status(experiment_id, "finished"))
    with database.reading() as session:
        assert session.scalars(select(Gate.value)).all() == [1, 1]
        assert session.scalars(select(func.count(Trial.id)).where(Trial.purpose == "gate")).one() == 3


def test_a_correction_after_the_gate_changes_nothing_but_shows(
    database, jobs, make_experiment, wait_for, label
):
    experiment_id = make_experiment("simulated", iterations=1)
    start(database, jobs, experiment_id)
    wait_for(has_status(experiment_id, "finished"))
    with database.transaction() as session:
        gate = session.scalars(select(Gate).where(Gate.value == 1)).one()
        assert label_hash(session, gate.iteration_id, gate.region_id) == gate.label_hash
        trial = session.scalars(
            select(Trial).where(Trial.region_id == gate.region_id, Trial.purpose == "gate")
        ).one()
        jobs.label_arrived(session, experiment_id, label(session, trial, "failure"))
    with database.reading() as session:
        later = session.get_one(Gate, gate.id)
        assert later.value == 1
        assert label_hash(session, later.iteration_id, later.region_id) != later.label_hash


def test_a_failed_step_waits_for_its_retry(database, jobs, training, make_experiment, wait_for):
    training.fail_at = "global_training"
    experiment_id = make_experiment("simulated", iterations=1)
    start(database, jobs, experiment_id)
    wait_for(has_status(experiment_id, "failed"))
    with database.transaction() as session:
        failed = step_of(session, 1, "global_training")
        assert (failed.status, failed.error) == ("failed", "the loss is not finite")
        trials_before = session.scalars(select(Trial.executed_at)).all()
        jobs.retry_step(session, experiment_id, failed.id, failed.attempt)
        jobs.retry_step(session, experiment_id, failed.id, failed.attempt)
    wait_for(has_status(experiment_id, "finished"))
    with database.reading() as session:
        assert step_of(session, 1, "global_training").attempt == 2
        assert step_of(session, 1, "local_training").attempt == 1
        local = session.scalars(select(Trial.executed_at).where(Trial.purpose == "local")).all()
        assert local == trials_before


def test_pause_holds_before_the_next_step_and_resume_goes_on(
    database, jobs, training, make_experiment, wait_for
):
    training.hold.clear()
    experiment_id = make_experiment("simulated", iterations=1)
    start(database, jobs, experiment_id)
    wait_for(lambda session: session.scalar(select(Iteration)) is not None)
    change_status(database, jobs, experiment_id, "paused")
    training.hold.set()
    wait_for(lambda session: _pending_jobs(session) == 0)
    with database.reading() as session:
        assert step_of(session, 1, "local_training").status == "pending"
    change_status(database, jobs, experiment_id, "running")
    wait_for(has_status(experiment_id, "finished"))


def test_cancel_ends_a_refinement_that_waits_for_labels(database, jobs, make_experiment, wait_for):
    experiment_id = make_experiment(iterations=1)
    start(database, jobs, experiment_id)
    wait_for(step_is(1, "labelling", "waiting"))
    change_status(database, jobs, experiment_id, "cancelled")
    wait_for(step_is(1, "labelling", "cancelled"))
    with database.reading() as session:
        assert experiment_status(session, experiment_id) == "cancelled"
        assert session.scalars(select(Gate)).all() == []


def _pending_jobs(session: Session) -> int:
    """Training jobs that are queued or running."""
    unfinished = DBOS.list_workflows(name=TRAINING, status=["ENQUEUED", "PENDING"], load_input=False)
    started = DBOS.list_workflows(name=TRAINING, load_input=False)
    return len(unfinished) if started else -1
