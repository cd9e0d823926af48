"""A small experiment in the database, and its jobs with quick stand-ins for training and arm."""

from collections.abc import Callable, Iterator
from dataclasses import asdict
from time import monotonic, sleep

import pytest
from dbos import DBOS
from sqlalchemy.orm import Session

from app.accounts.service import ensure_user
from app.cells.jobs import RolloutBatch
from app.cells.models import Cell
from app.cells.record_files import store_record
from app.demonstrations.models import Demonstration
from app.experiments.models import Experiment, Region
from app.platform.database import Database
from app.platform.durable import REFINEMENT_QUEUE, ROLLOUTS, TRAINING, TRAINING_QUEUE, Jobs
from app.platform.executor import Executor, JobQueue
from app.platform.settings import Settings
from app.training.refinement import register_refinement
from app.trials.models import LabelEvent, Trial
from hndp_core.data.artefact_store import ArtefactStore
from hndp_core.hierarchy import RefinementConfig
from tests.app.training.quick_loop import QuickArm, QuickTraining, small_record, trials

WAIT_S = 20.0


@pytest.fixture
def store(settings: Settings) -> ArtefactStore:
    return settings.artefacts


@pytest.fixture
def make_experiment(database: Database, store: ArtefactStore) -> Callable[..., int]:
    """Create an experiment with two train regions and a held-out one, demonstrated in both; return its id."""

    def make(operator: str = "human", iterations: int = 2, **settings: object) -> int:
        config = RefinementConfig(iterations=iterations, pretrain_images=0, **settings)  # type: ignore[arg-type]
        with database.transaction() as session:
            author = ensure_user(session, "Operator", "operator")
            cell = Cell(name="test", robot="simulated")
            session.add(cell)
            session.flush()
            experiment = Experiment(
                name="small",
                task="scooping",
                method=config.method,
                operator=operator,
                status="running",
                seed=0,
                iterations=iterations,
                trials_per_region=config.trials_per_region,
                layout_seed=0,
                settings=asdict(config),
                cell_id=cell.id,
                created_by_id=author.id,
            )
            session.add(experiment)
            session.flush()
            for index, split in ((1, "train"), (2, "train"), (1, "held_out")):
                name = f"{'T' if split == 'train' else 'H'}{index}"
                place = Region(
                    experiment_id=experiment.id, index=index, name=name, split=split, x_m=0.5, y_m=0.1 * index
                )
                session.add(place)
                session.flush()
                if split == "train":
                    _add_demonstration(session, store, place, author.id)
            return experiment.id

    return make


def _add_demonstration(session: Session, store: ArtefactStore, place: Region, author_id: int) -> None:
    folder = f"demonstrations/for-{place.id}"
    sha256 = store_record(store, folder, "trajectory", small_record(place.index), 50.0)
    session.add(
        Demonstration(
            region_id=place.id,
            take=1,
            source="teacher",
            status="accepted",
            artefact_key=folder,
            sha256=sha256,
            created_by_id=author_id,
        )
    )


@pytest.fixture
def wait_for(database: Database) -> Callable[[Callable[[Session], bool]], None]:
    """wait_for(condition) returns once the condition on the database holds."""

    def wait(condition: Callable[[Session], bool]) -> None:
        deadline = monotonic() + WAIT_S
        while monotonic() < deadline:
            with database.reading() as session:
                if condition(session):
                    return
            sleep(0.05)
        raise AssertionError("the awaited state was not reached")

    return wait


@pytest.fixture
def label() -> Callable[..., str]:
    """label(session, trial, outcome) adds a label event; returns its request key."""
    count = 0

    def add(session: Session, trial: Trial, outcome: str) -> str:
        nonlocal count
        count += 1
        key = f"key-{count}"
        author = ensure_user(session, "Operator", "operator")
        session.add(LabelEvent(trial_id=trial.id, author_id=author.id, outcome=outcome, request_key=key))
        return key

    return add


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


@pytest.fixture
def judge(database: Database, jobs: Jobs, label: Callable[..., str]) -> Callable[..., None]:
    """judge(experiment_id, purpose, outcome, iteration=1, attempt=1) labels those trials."""

    def judge(experiment_id: int, purpose: str, outcome: str, iteration: int = 1, attempt: int = 1) -> None:
        with database.transaction() as session:
            for trial in trials(session, purpose, iteration, attempt):
                jobs.label_arrived(session, experiment_id, label(session, trial, outcome))

    return judge
