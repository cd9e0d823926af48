"""A small experiment in the database, and the stand-ins for training and arm that make its jobs quick."""

from collections.abc import Callable
from dataclasses import asdict
from time import monotonic, sleep

import numpy as np
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.service import ensure_user
from app.cells.models import Cell
from app.cells.record_files import store_record
from app.demonstrations.models import Demonstration
from app.experiments.models import Experiment, Region
from app.platform.database import Database
from app.platform.settings import Settings
from app.training.models import Iteration, Step
from app.trials.models import LabelEvent, Trial
from hndp_core.data.artefact_store import ArtefactStore
from hndp_core.hierarchy import RefinementConfig
from hndp_core.rollout import RolloutRecord

WAIT_S = 20.0


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


def find_step(session: Session, iteration: int, kind: str) -> Step | None:
    chosen = select(Step).join(Iteration).where(Iteration.number == iteration, Step.kind == kind)
    return session.scalar(chosen)


def step_of(session: Session, iteration: int, kind: str) -> Step:
    step = find_step(session, iteration, kind)
    assert step is not None
    return step
