"""A session from start to close as a durable job, with a stand-in for the arm."""

from collections.abc import Callable, Iterator
from time import monotonic, sleep

import pytest
from dbos import DBOS
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.evaluations.conduct import register_evaluations
from app.evaluations.models import EvaluationSession
from app.evaluations.rollouts import register_evaluation_trials
from app.evaluations.service import close, pause, resume, start
from app.platform.database import Database
from app.platform.durable import REFINEMENT_QUEUE, Jobs, evaluation_id
from app.platform.executor import Executor, JobQueue
from app.training.outcome import DONE, PAUSED
from app.trials.models import Trial
from hndp_core.data.artefact_store import ArtefactStore

from .evaluation_desk import EvaluationDesk, execute, truth_by_letter

WAIT_S = 20.0


class ToldArm:
    """Stands in for the trial runner."""

    def __init__(self, database: Database, store: ArtefactStore) -> None:
        self._database, self._store = database, store
        self.run_before_pause = 3
        self.on_pause: Callable[[], None] | None = None

    def run(self, trial_id: int) -> str:
        with self._database.transaction() as session:
            trial = session.get_one(Trial, trial_id)
            assert trial.planned_run is not None
            if trial.planned_run.session.status != "running":
                return PAUSED
            execute(session, self._store, trial, truth_by_letter(A=True, B=False))
        self.run_before_pause -= 1
        if self.run_before_pause == 0 and self.on_pause is not None:
            self.on_pause()
        return DONE


@pytest.fixture
def arm(database: Database, desk: EvaluationDesk) -> ToldArm:
    return ToldArm(database, desk.store)


@pytest.fixture
def jobs(database: Database, arm: ToldArm) -> Iterator[Jobs]:
    """Jobs that are really done, in this process."""
    queues = [JobQueue(REFINEMENT_QUEUE), JobQueue("cell:simulated", 1)]
    executor = Executor(database, "worker", "worker-test", queues)
    executor.prepare()
    register_evaluations(database, 0.0)
    register_evaluation_trials(database, arm)  # type: ignore[arg-type]
    executor.start()
    jobs = Jobs(database.engine)
    yield jobs
    jobs.close()
    executor.stop()


def test_a_session_pauses_goes_on_and_ends_when_it_is_closed(
    desk: EvaluationDesk, jobs: Jobs, arm: ToldArm
) -> None:
    session_id = int(desk.plan(operator="simulated").headers["location"].rsplit("/", 1)[1])

    def hold() -> None:
        with desk.database.transaction() as session:
            pause(session, jobs, session_id)

    arm.on_pause = hold
    with desk.database.transaction() as session:
        start(session, jobs, session_id)
    wait_until(desk.database, lambda session: status_of(session, session_id) == "paused")
    with desk.database.transaction() as session:
        assert len(executed(session)) == 3
        resume(session, jobs, session_id)
    wait_until(desk.database, lambda session: labelled(session) == 8)
    with desk.database.transaction() as session:
        close(session, jobs, session.get_one(EvaluationSession, session_id).created_by, session_id)
    assert DBOS.retrieve_workflow(evaluation_id(session_id)).get_result() == DONE
    with desk.database.reading() as session:
        assert [trial.attempt for trial in executed(session)] == [1] * 8


def status_of(session: Session, session_id: int) -> str:
    return session.get_one(EvaluationSession, session_id).status


def executed(session: Session) -> list[Trial]:
    chosen = select(Trial).where(Trial.purpose == "evaluation", Trial.status == "executed")
    return list(session.scalars(chosen))


def labelled(session: Session) -> int:
    return sum(bool(trial.labels) for trial in executed(session))


def wait_until(database: Database, condition: Callable[[Session], bool]) -> None:
    deadline = monotonic() + WAIT_S
    while monotonic() < deadline:
        with database.reading() as session:
            if condition(session):
                return
        sleep(0.05)
    raise AssertionError("the awaited state was not reached")
