"""Jobs of a dead process go to a live one; jobs of a live process stay where they are."""

import os
import socket
import subprocess
import sys
import threading
import time
from datetime import timedelta

import pytest
from dbos import DBOS
from sqlalchemy import select, text

from app.cells.models import Process, ProcessRun
from app.platform.database import Database
from app.platform.durable import APPLICATION, JOB_VERSION, Jobs
from app.platform.executor import Executor, JobQueue
from app.platform.heartbeat import DEAD_AFTER_S, Heartbeat, NameTaken
from app.platform.model import now


def add_process(
    database: Database, name: str, *, age_s: float, host: str = "elsewhere", pid: int = 1
) -> None:
    moment = now() - timedelta(seconds=age_s)
    with database.transaction() as session:
        session.add(
            Process(id=name, kind="worker", host=host, pid=pid, started_at=moment, heartbeat_at=moment)
        )


@pytest.fixture
def ran() -> list[int]:
    return []


@pytest.fixture
def executor(database, ran):
    executor = Executor(database, "worker", "worker-2", [JobQueue("training")])
    executor.prepare()

    @DBOS.workflow(name="training")
    def job(number: int) -> None:
        ran.append(number)

    executor.start()
    yield executor
    executor.stop()


def pending_job_of(database: Database, jobs: Jobs, owner: str, number: int) -> None:
    """A job that `owner` had taken when it was last heard of."""
    options = {
        "workflow_name": "training",
        "queue_name": "training",
        "workflow_id": f"job-{number}",
        "app_version": JOB_VERSION,
    }
    schema = "" if database.engine.dialect.name == "sqlite" else "dbos."
    with database.transaction() as session:
        jobs._client.enqueue_in_transaction(session, options, number)  # type: ignore[arg-type]
        session.execute(
            text(
                f"UPDATE {schema}workflow_status SET status = 'PENDING', executor_id = :owner, "
                "application_name = :name WHERE workflow_uuid = :id"
            ),
            {"owner": owner, "id": f"job-{number}", "name": APPLICATION},
        )


@pytest.fixture
def jobs(database):
    jobs = Jobs(database.engine)
    yield jobs
    jobs.close()


def test_jobs_of_dead_processes_are_taken_over_and_those_of_live_ones_are_not(database, executor, jobs, ran):
    add_process(database, "dead", age_s=DEAD_AFTER_S + 5)
    add_process(database, "alive", age_s=1)
    pending_job_of(database, jobs, "dead", 1)
    pending_job_of(database, jobs, "alive", 2)
    pending_job_of(database, jobs, "signed off", 3)
    assert sorted(executor.adopt_orphans()) == ["job-1", "job-3"]
    deadline = time.monotonic() + 10
    while len(ran) < 2 and time.monotonic() < deadline:
        time.sleep(0.02)
    assert sorted(ran) == [1, 3]


def test_a_cancelled_job_does_not_rise_again(database, executor, jobs, ran):
    pending_job_of(database, jobs, "dead", 1)
    DBOS.cancel_workflow("job-1")
    assert executor.adopt_orphans() == []
    assert ran == []


def test_the_heartbeat_moves_and_a_clean_stop_signs_off(database):
    heartbeat = Heartbeat(database, "web", "web-test", period_s=0.05)
    heartbeat.start()

    def row() -> Process | None:
        with database.reading() as session:
            return session.get(Process, "web-test")

    first = row()
    assert first is not None
    assert (first.pid, first.host) == (os.getpid(), socket.gethostname())
    time.sleep(0.3)
    later = row()
    assert later is not None
    assert later.heartbeat_at > first.heartbeat_at
    heartbeat.stop()
    assert row() is None
    with database.reading() as session:
        run = session.scalars(select(ProcessRun)).one()
        assert (run.name, run.kind, run.started_at) == ("web-test", "web", first.started_at)
        assert run.seen_at > later.heartbeat_at, "the run is kept, up to the end"


def test_a_process_that_slept_begins_another_run(database):
    heartbeat = Heartbeat(database, "cell", "cell-test")
    heartbeat.start()
    asleep = timedelta(seconds=2 * DEAD_AFTER_S)
    with database.transaction() as session:
        run = session.scalars(select(ProcessRun)).one()
        run.started_at, run.seen_at = run.started_at - asleep, run.seen_at - asleep
        fell_asleep = run.seen_at
    heartbeat.stop()
    with database.reading() as session:
        before, after = session.scalars(select(ProcessRun).order_by(ProcessRun.id))
        assert before.seen_at == fell_asleep
        assert after.started_at - fell_asleep > timedelta(seconds=DEAD_AFTER_S)


def test_a_name_in_use_on_this_machine_is_refused(database):
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as other:
        add_process(database, "worker-1", age_s=1, host=socket.gethostname(), pid=other.pid)
        with pytest.raises(NameTaken, match="another name"):
            Heartbeat(database, "worker", "worker-1").start()
        other.kill()


def test_the_name_of_a_killed_process_is_free_at_once(database):
    with subprocess.Popen([sys.executable, "-c", "pass"]) as other:
        other.wait()
    add_process(database, "worker-1", age_s=1, host=socket.gethostname(), pid=other.pid)
    heartbeat = Heartbeat(database, "worker", "worker-1")
    began = time.monotonic()
    heartbeat.start()
    assert time.monotonic() - began < 2
    heartbeat.stop()


def test_on_another_machine_only_a_moving_heartbeat_counts(database):
    add_process(database, "worker-1", age_s=1)
    silent = Heartbeat(database, "worker", "worker-1", period_s=0.1)
    silent.start()
    silent.stop()

    add_process(database, "worker-1", age_s=1)
    ended = threading.Event()

    def beat() -> None:
        while not ended.wait(0.05):
            with database.transaction() as session:
                session.get_one(Process, "worker-1").heartbeat_at = now()

    beating = threading.Thread(target=beat)
    beating.start()
    try:
        with pytest.raises(NameTaken, match="elsewhere"):
            Heartbeat(database, "worker", "worker-1", period_s=0.2).start()
    finally:
        ended.set()
        beating.join()
