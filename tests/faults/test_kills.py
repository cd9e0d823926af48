"""A real refinement whose processes are killed again and again, against one that nothing disturbed."""

import os
import socket
import subprocess
import sys
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import asdict
from hashlib import sha256
from pathlib import Path

import pytest
from sqlalchemy import create_engine, func, select, text
from sqlalchemy.orm import Session

from app.accounts.service import ensure_user
from app.cells.models import Cell
from app.demonstrations.models import Demonstration
from app.experiments.models import Experiment, Region
from app.platform.database import Database, make_engine
from app.platform.durable import Jobs
from app.platform.migration import migrate
from app.training.models import Gate, Iteration, Policy, Step
from app.trials.models import LabelEvent, Trial
from hndp_core.tasks import get_task
from tests.faults.studio import Studio
from tests.faults.undisturbed import CONFIG, HELD_OUT, SEED, TRAIN

pytestmark = pytest.mark.faults


@pytest.fixture
def undisturbed(tmp_path: Path) -> Iterator[Callable[[], dict[str, str]]]:
    """Hashes of the policies of an undisturbed run, which goes on beside the test until it is asked for.

    It takes what the studio leaves of the processors: its training jobs are nice, too.
    """
    folder = tmp_path / "undisturbed"
    command = ["nice", "-n", "19", sys.executable, "-m", "tests.faults.undisturbed", str(folder)]
    process = subprocess.Popen(command)

    def hashes() -> dict[str, str]:
        assert process.wait(timeout=300) == 0
        names = {"pretraining": "encoder", "local_training": "local", "global_training": "global"}
        return {
            f"{file.parent.name}/{names[file.stem]}": sha256(file.read_bytes()).hexdigest()
            for file in (folder / "iterations").glob("*/*.safetensors")
        }

    yield hashes
    process.kill()
    process.wait()


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """SQLite, or a database of its own on the server HNDP_TEST_DATABASE_URL."""
    (tmp_path / "data").mkdir()
    url = f"sqlite:///{tmp_path / 'data' / 'hndp.sqlite3'}"
    if server_url := os.environ.get("HNDP_TEST_DATABASE_URL"):
        name = f"faults_{uuid.uuid4().hex}"
        server = create_engine(make_engine(server_url).url, isolation_level="AUTOCOMMIT")
        with server.connect() as connection:
            connection.execute(text(f'CREATE DATABASE "{name}"'))
        url = server.url.set(database=name).render_as_string(hide_password=False)
        server.dispose()
    database = Database(url)
    migrate(database)
    yield database
    database.close()


@pytest.fixture
def studio(tmp_path: Path, database: Database) -> Iterator[Studio]:
    environment = {
        "HNDP_DATA_DIR": str(tmp_path / "data"),
        "HNDP_DATABASE_URL": database.url,
        "HNDP_CELL_NAME": "simulated",
        "HNDP_PORT": str(_free_port()),
        "HNDP_CELL_PORT": str(_free_port()),
        "HNDP_LABEL_GRACE_SECONDS": "0",
        "MUJOCO_GL": "egl",
    }
    studio = Studio(tmp_path, environment, database)
    yield studio
    studio.kill_all()


def test_kills_at_every_kind_of_step_change_nothing(
    studio: Studio, database: Database, undisturbed: Callable[[], dict[str, str]]
) -> None:
    jobs = Jobs(database.engine)
    experiment_id = _create_experiment(database, jobs)
    for kind in ("web", "worker", "cell"):
        studio.start(kind)
    finished: dict[str, object] = {}

    def kill(kind: str, when: str, condition: Callable[[Session], bool]) -> None:
        studio.wait_for(when, condition)
        studio.kill(kind)
        with database.reading() as session:
            finished.update(_finished(session))

    def kill_and_restart(kind: str, when: str, condition: Callable[[Session], bool]) -> None:
        kill(kind, when, condition)
        studio.start(kind)

    kill_and_restart("cell", "a recording", _demonstration_is("recording"))
    studio.wait_for("all demonstrations", _all_recorded)
    _accept_and_start(database, jobs, experiment_id)

    kill_and_restart("worker", "pretraining", _running(1, "pretraining"))
    kill_and_restart("worker", "local training", _running(1, "local_training", done=100))
    kill_and_restart("cell", "local rollouts", _running(1, "local_rollouts", done=1))
    kill_and_restart("worker", "global training", _running(1, "global_training", done=10))
    kill_and_restart("cell", "gate rollouts", _running(1, "gate_rollouts", done=1))
    kill("worker", "labelling", _waiting(1))
    kill_and_restart("web", "labelling", _waiting(1))
    _label_all(database, jobs, experiment_id, 1)  # nobody works now: the labels must be found later
    studio.start("worker")
    for kind, step in (("worker", "global_training"), ("cell", "gate_rollouts")):
        studio.wait_for(f"second {step}", _running(2, step))
        assert studio.stop(kind) < 5
        studio.start(kind)
    studio.wait_for("second labelling", _waiting(2))
    _label_all(database, jobs, experiment_id, 2)
    studio.wait_for(
        "the end", lambda session: session.get_one(Experiment, experiment_id).status == "finished"
    )

    with database.reading() as session:
        assert finished.items() <= _finished(session).items(), "a finished step was repeated"
        assert {step.attempt for step in session.scalars(select(Step))} == {1}
        assert {step.status for step in session.scalars(select(Step))} == {"done"}
        purposes = list(session.scalars(select(Trial.purpose)))
        assert Counter(purposes) == {"local": 4, "gate": 4, "held_out": 2}
        assert session.scalars(select(func.count(Gate.id))).one() == 2 * TRAIN
        policies = {
            f"{each.iteration.number}/{each.kind}": each.sha256 for each in session.scalars(select(Policy))
        }
    assert policies == undisturbed()
    jobs.close()


def _create_experiment(database: Database, jobs: Jobs) -> int:
    with database.transaction() as session:
        author = ensure_user(session, "Operator", "operator")
        cell = Cell(name="simulated", robot="simulated")
        session.add(cell)
        session.flush()
        experiment = Experiment(
            name="killed",
            task="scooping",
            method="hndp",
            seed=SEED,
            iterations=CONFIG.iterations,
            trials_per_region=CONFIG.trials_per_region,
            layout_seed=0,
            settings=asdict(CONFIG),
            cell_id=cell.id,
            created_by_id=author.id,
        )
        experiment.regions = [
            Region(index=each.index, name=each.name, split=each.split, x_m=each.x_m, y_m=each.y_m)
            for each in get_task("scooping").layout(TRAIN, HELD_OUT, 0)
        ]
        session.add(experiment)
        session.flush()
        owed = [
            Demonstration(region_id=each.id, take=1, source="teacher", created_by_id=author.id)
            for each in experiment.regions
            if each.split == "train"
        ]
        session.add_all(owed)
        session.flush()
        jobs.record_demonstrations(session, cell, [each.id for each in owed])
        return experiment.id


def _accept_and_start(database: Database, jobs: Jobs, experiment_id: int) -> None:
    with database.transaction() as session:
        for each in session.scalars(select(Demonstration)):
            each.status = "accepted"
        session.get_one(Experiment, experiment_id).status = "running"
        jobs.start_refinement(session, experiment_id)


def _label_all(database: Database, jobs: Jobs, experiment_id: int, iteration: int) -> None:
    """Label all trials by the physics, as the undisturbed run's simulated operator does."""
    with database.transaction() as session:
        author = ensure_user(session, "Operator", "operator")
        trials = session.scalars(
            select(Trial).join(Iteration).where(Iteration.number == iteration, Trial.purpose != "local")
        )
        for trial in trials.all():
            outcome = "success" if trial.physics_success else "failure"
            key = f"key-{trial.id}"
            session.add(LabelEvent(trial_id=trial.id, author_id=author.id, outcome=outcome, request_key=key))
            jobs.label_arrived(session, experiment_id, key)


def _finished(session: Session) -> dict[str, object]:
    """What no crash may change: finished steps, executed trials, recorded demonstrations, policies."""
    steps = session.scalars(select(Step).where(Step.status == "done"))
    trials = session.scalars(select(Trial).where(Trial.status == "executed"))
    shown = session.scalars(select(Demonstration).where(Demonstration.recorded_at.is_not(None)))
    return {
        **{f"step {each.id}": (each.attempt, each.started_at, each.finished_at) for each in steps},
        **{f"trial {each.id}": (each.executed_at, each.sha256) for each in trials},
        **{f"demonstration {each.id}": (each.recorded_at, each.sha256) for each in shown},
        **{f"policy {each.id}": (each.created_at, each.sha256) for each in session.scalars(select(Policy))},
    }


def _step(session: Session, iteration: int, kind: str) -> Step | None:
    return session.scalar(
        select(Step).join(Iteration).where(Iteration.number == iteration, Step.kind == kind)
    )


def _running(iteration: int, kind: str, done: int = 0) -> Callable[[Session], bool]:
    def holds(session: Session) -> bool:
        step = _step(session, iteration, kind)
        assert step is None or step.status != "done", f"{kind} was over before it could be disturbed"
        return step is not None and step.status == "running" and step.done >= done

    return holds


def _waiting(iteration: int) -> Callable[[Session], bool]:
    def holds(session: Session) -> bool:
        step = _step(session, iteration, "labelling")
        return step is not None and step.status == "waiting"

    return holds


def _demonstration_is(status: str) -> Callable[[Session], bool]:
    return lambda session: (
        session.scalar(select(Demonstration).where(Demonstration.status == status)) is not None
    )


def _all_recorded(session: Session) -> bool:
    shown = session.scalars(select(Demonstration)).all()
    failed = [each.error for each in shown if each.status == "failed"]
    assert not failed, failed
    return all(each.status == "recorded" for each in shown)


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]
