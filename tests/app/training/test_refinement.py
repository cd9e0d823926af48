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
from app.demonstrations.models import Demonstration
from app.experiments.models import Experiment
from app.platform.database import Database
from app.platform.durable import REFINEMENT, REFINEMENT_QUEUE, ROLLOUTS, TRAINING, TRAINING_QUEUE, Jobs
from app.platform.executor import Executor, JobQueue
from app.platform.model import now
from app.training.gate_setting import label_hash
from app.training.models import Gate, Iteration, Policy, Step
from app.training.outcome import CANCELLED, DONE, FAILED, PAUSED
from app.training.refinement import register_refinement
from app.training.repository import experiment_status, get_step, policy_of
from app.training.step_life import begin, fail, finish, open_iteration
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


@pytest.fixture
def training(database: Database) -> QuickTraining:
    return QuickTraining(database)


@pytest.fixture
def label_grace_s() -> float:
    return 0.0


@pytest.fixture
def jobs(
    database: Database, store: ArtefactStore, training: QuickTraining, label_grace_s: float
) -> Iterator[Jobs]:
    """Jobs that are really done, in this process."""
    queues = [JobQueue(REFINEMENT_QUEUE), JobQueue(TRAINING_QUEUE, at_once_here=1), JobQueue("cell:test", 1)]
    executor = Executor(database, "worker", "worker-test", queues)
    executor.prepare()
    register_refinement(database, label_grace_s)
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


@pytest.fixture
def judge(database: Database, jobs: Jobs, label: Callable[..., str]) -> Callable[..., None]:
    """judge(experiment_id, purpose, outcome, iteration=1, attempt=1) labels those trials."""

    def judge(experiment_id: int, purpose: str, outcome: str, iteration: int = 1, attempt: int = 1) -> None:
        with database.transaction() as session:
            for trial in trials(session, purpose, iteration, attempt):
                jobs.label_arrived(session, experiment_id, label(session, trial, outcome))

    return judge


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


@pytest.mark.parametrize("method", ["act", "nearest"])
def test_a_method_without_local_experts_trains_and_tries_one_policy(
    database, jobs, training, make_experiment, wait_for, method
):
    experiment_id = make_experiment("simulated", iterations=1, method=method)
    start(database, jobs, experiment_id)
    wait_for(has_status(experiment_id, "finished"))
    with database.reading() as session:
        kinds = session.scalars(select(Step.kind).order_by(Step.position)).all()
        assert kinds == ["global_training", "gate_rollouts", "held_out_rollouts", "labelling"]
        assert Counter(session.scalars(select(Trial.purpose))) == {"gate": 2, "held_out": 1}
    assert training.gate_trials == {}


def test_the_iteration_waits_for_people_and_unlabelled_is_not_failure(
    database, jobs, make_experiment, wait_for, label, judge
):
    experiment_id = make_experiment(iterations=1)
    start(database, jobs, experiment_id)
    wait_for(step_is(1, "labelling", "waiting"))
    with database.transaction() as session:
        first, second = session.scalars(select(Trial).where(Trial.purpose == "gate").order_by(Trial.id))
        jobs.label_arrived(session, experiment_id, label(session, first, "failure"))
    wait_for(lambda session: step_of(session, 1, "labelling").done == 1)
    judge(experiment_id, "held_out", "success")
    with database.transaction() as session:
        assert session.scalars(select(Gate)).all() == []
        key = label(session, second, "success")
        jobs.label_arrived(session, experiment_id, key)
        jobs.label_arrived(session, experiment_id, key)
    wait_for(has_status(experiment_id, "finished"))
    with database.reading() as session:
        assert session.scalars(select(Gate.value).order_by(Gate.id)).all() == [0, 1]


def test_an_invalid_trial_is_run_again_and_not_counted(
    database, jobs, make_experiment, wait_for, label, judge
):
    experiment_id = make_experiment(iterations=1)
    start(database, jobs, experiment_id)
    wait_for(step_is(1, "labelling", "waiting"))
    judge(experiment_id, "held_out", "success")
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


def test_held_out_labels_hold_up_no_iteration_but_the_end(database, jobs, make_experiment, wait_for, judge):
    experiment_id = make_experiment(iterations=2)
    start(database, jobs, experiment_id)
    for iteration in (1, 2):
        wait_for(step_is(iteration, "labelling", "waiting"))
        judge(experiment_id, "gate", "success", iteration)
    wait_for(lambda session: session.scalars(select(func.count(Gate.id))).one() == 4)
    with database.reading() as session:
        step = step_of(session, 2, "labelling")
        assert (step.status, step.done, step.total) == ("waiting", 2, 4)
        assert experiment_status(session, experiment_id) == "running"
    judge(experiment_id, "held_out", "failure", iteration=1)
    wait_for(lambda session: step_of(session, 2, "labelling").done == 3)
    judge(experiment_id, "held_out", "success", iteration=2)
    wait_for(has_status(experiment_id, "finished"))
    with database.reading() as session:
        assert session.get_one(Experiment, experiment_id).finished_at is not None
        assert step_of(session, 2, "labelling").status == "done"


def test_an_invalid_held_out_trial_is_run_again_by_the_policy_of_its_iteration(
    database, jobs, make_experiment, wait_for, judge
):
    experiment_id = make_experiment(iterations=2)
    start(database, jobs, experiment_id)
    wait_for(step_is(1, "labelling", "waiting"))
    judge(experiment_id, "held_out", "invalid")
    wait_for(has_trial("held_out", iteration=1, attempt=2))  # while people label
    judge(experiment_id, "gate", "success")
    wait_for(lambda session: step_of(session, 1, "labelling").status == "done")
    judge(experiment_id, "held_out", "invalid", attempt=2)
    wait_for(has_trial("held_out", iteration=1, attempt=3))  # in the next labelling
    judge(experiment_id, "gate", "success", iteration=2)
    wait_for(lambda session: session.scalars(select(func.count(Gate.id))).one() == 4)
    judge(experiment_id, "held_out", "invalid", attempt=3)
    wait_for(has_trial("held_out", iteration=1, attempt=4))  # after the last gates
    judge(experiment_id, "held_out", "success", iteration=2)
    with database.reading() as session:
        assert experiment_status(session, experiment_id) == "running"
    judge(experiment_id, "held_out", "success", attempt=4)
    wait_for(has_status(experiment_id, "finished"))
    with database.reading() as session:
        runs = [trials(session, "held_out", 1, attempt)[0] for attempt in (1, 2, 3, 4)]
        assert {run.policy_id for run in runs} == {trials(session, "gate", 1)[0].policy_id}
        assert {run.policy_id for run in runs} != {trials(session, "gate", 2)[0].policy_id}


@pytest.mark.parametrize("label_grace_s", [1.5])
def test_the_last_label_can_be_taken_back_before_it_sets_the_gates(
    database, jobs, make_experiment, wait_for, label, judge, label_grace_s
):
    experiment_id = make_experiment(iterations=1)
    start(database, jobs, experiment_id)
    wait_for(step_is(1, "labelling", "waiting"))
    judge(experiment_id, "held_out", "success")
    judge(experiment_id, "gate", "success")
    wait_for(lambda session: step_of(session, 1, "labelling").done == 3)
    with database.transaction() as session:
        assert session.scalars(select(Gate)).all() == []
        second = trials(session, "gate")[1]
        jobs.label_arrived(session, experiment_id, label(session, second, "withdrawn"))
    wait_for(lambda session: step_of(session, 1, "labelling").done == 2)
    with database.transaction() as session:
        second = trials(session, "gate")[1]
        labelled_at = now()
        jobs.label_arrived(session, experiment_id, label(session, second, "failure"))
    wait_for(has_status(experiment_id, "finished"))
    with database.reading() as session:
        gates = session.scalars(select(Gate).order_by(Gate.id)).all()
        assert [gate.value for gate in gates] == [1, 0]
        assert (gates[0].created_at - labelled_at).total_seconds() >= label_grace_s


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


def test_what_fails_outside_of_a_step_is_shown_there_and_tried_again(
    database, jobs, training, make_experiment, wait_for
):
    experiment_id = make_experiment("simulated", iterations=1)
    with database.transaction() as session:
        demonstration = session.scalars(select(Demonstration).order_by(Demonstration.id)).first()
        demonstration.status = "recorded"
    start(database, jobs, experiment_id)
    wait_for(has_status(experiment_id, "failed"))
    with database.transaction() as session:
        failed = step_of(session, 1, "local_training")
        assert failed.status == "failed"
        assert "Region T1 has no accepted demonstration" in (failed.error or "")
        session.scalars(select(Demonstration).order_by(Demonstration.id)).first().status = "accepted"
        jobs.retry_step(session, experiment_id, failed.id, failed.attempt)
    wait_for(has_status(experiment_id, "finished"))


def test_what_fails_at_the_gates_is_tried_again_without_repeating_the_iteration(
    database, jobs, make_experiment, wait_for, monkeypatch
):
    def break_down(*_: object) -> None:
        raise RuntimeError("no gates today")

    monkeypatch.setattr("app.training.gate_setting._set_gates", break_down)
    experiment_id = make_experiment("simulated", iterations=2)
    start(database, jobs, experiment_id)
    wait_for(has_status(experiment_id, "failed"))
    monkeypatch.undo()
    with database.transaction() as session:
        failed = step_of(session, 1, "labelling")
        assert (failed.status, failed.error) == ("failed", "no gates today")
        trained = step_of(session, 1, "local_training").finished_at
        jobs.retry_step(session, experiment_id, failed.id, failed.attempt)
    wait_for(has_status(experiment_id, "finished"))
    with database.reading() as session:
        assert step_of(session, 1, "local_training").finished_at == trained
        assert Counter(session.scalars(select(Trial.purpose))) == {"local": 4, "gate": 4, "held_out": 2}


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


@pytest.mark.parametrize("end", ["finished", "cancelled"])
def test_news_for_a_refinement_that_is_over_is_stored_and_harms_nobody(
    database, jobs, make_experiment, wait_for, judge, end
):
    experiment_id = make_experiment("simulated", iterations=1)
    start(database, jobs, experiment_id)
    if end == "cancelled":
        change_status(database, jobs, experiment_id, end)
    wait_for(has_status(experiment_id, end))
    wait_for(lambda session: DBOS.list_workflows(name=REFINEMENT, status="SUCCESS") != [])
    judge(experiment_id, "gate", "failure")
    change_status(database, jobs, experiment_id, end)


def test_news_for_a_refinement_that_nobody_knows_keeps_the_rows_beside_it(
    database, jobs, make_experiment, label
):
    experiment_id = make_experiment()
    with database.transaction() as session:
        steps = open_iteration(session, experiment_id, 1)
        begin(get_step(session, steps["labelling"]))
        jobs.label_arrived(session, experiment_id, "some key")
    with database.reading() as session:
        assert step_of(session, 1, "labelling").status == "running"


def _pending_jobs(session: Session) -> int:
    """Training jobs that are queued or running."""
    unfinished = DBOS.list_workflows(name=TRAINING, status=["ENQUEUED", "PENDING"], load_input=False)
    started = DBOS.list_workflows(name=TRAINING, load_input=False)
    return len(unfinished) if started else -1
