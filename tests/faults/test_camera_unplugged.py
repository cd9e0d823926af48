"""The camera goes away in the middle of a trial: the arm holds, the trial is invalid and is run once more."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from app.cells.arm import Arm
from app.cells.camera_watch import CameraWatch
from app.cells.journal import Journal
from app.cells.models import Cell
from app.platform.database import Database
from app.platform.stopping import StopSignal
from app.training.outcome import DONE
from app.training.repository import get_step
from app.trials.execution import TrialRunner
from app.trials.models import Trial
from app.trials.planning import plan_trials
from hndp_core.data.artefact_store import ArtefactStore
from hndp_core.robots.filmed import FilmedRobot
from hndp_core.robots.opencv_camera import OpenCvCamera
from tests.app.cells.conftest import GreyScene
from tests.app.cells.free_guard import make_guard
from tests.app.cells.real_arm import until

pytestmark = pytest.mark.faults


class CountingScene(GreyScene):
    """Counts its control steps."""

    steps = 0

    def step(self, joints) -> None:
        super().step(joints)
        self.steps += 1


@pytest.fixture
def scene() -> CountingScene:
    return CountingScene()


@pytest.fixture
def journal(database: Database, experiment_id: int) -> Journal:
    with database.reading() as session:
        return Journal(database, session.scalars(select(Cell.id)).one())


@pytest.fixture
def arm(scene: CountingScene, camera: OpenCvCamera, journal: Journal) -> Iterator[Arm]:
    """A simulated arm in real time, which a camera looks at, with the watch of its cell."""
    stop = StopSignal()
    guard = make_guard(report=journal.report)
    arm = Arm(lambda task: FilmedRobot(scene, camera, speed=1.0), guard)
    arm.warm_up("scooping")
    CameraWatch(camera, guard).start(stop, look_s=0.02, again_s=0.05)
    journal.start(lambda: guard.motion_and_reason)
    yield arm
    stop.ask()
    journal.stop()


def test_a_camera_that_is_unplugged_makes_the_trial_invalid_and_it_is_run_again(
    database: Database,
    store: ArtefactStore,
    client: TestClient,
    add_policy: Callable[[float], int],
    arm: Arm,
    scene: CountingScene,
    film: Path,
) -> None:
    step_id = add_policy(0.1)
    with database.transaction() as session:
        (trial_id,) = plan_trials(session, get_step(session, step_id))
    outcomes: list[str] = []
    runner = TrialRunner(database, store, arm, StopSignal())
    running = threading.Thread(
        target=lambda: outcomes.append(runner.run(trial_id, step_id, [trial_id])), daemon=True
    )
    running.start()
    until(lambda: scene.steps > 5)

    away = film.rename(film.with_name("away.avi"))
    until(lambda: status(database, trial_id) == "planned")
    held = scene.steps
    state = arm.state()
    assert state["motion"] == "blind"
    assert f"The camera {film} is lost" in state["note"]
    assert "Look whether the file is there" in state["note"]
    until(lambda: "What was under way is invalid" in client.get("/").text)
    assert "The arm held its position. The camera" in client.get("/cells/1").text
    assert scene.steps == held, "nothing moves"
    assert not store.exists(f"trials/{trial_id}/first.jpg")
    assert not outcomes

    away.rename(film)
    running.join(60)
    assert outcomes == [DONE]
    with database.reading() as session:
        trial = session.scalars(select(Trial)).one()
        assert (trial.id, trial.status, trial.attempt) == (trial_id, "executed", 1)
    assert scene.steps > held
    until(lambda: "Motion may go on. The camera gives pictures again" in client.get("/cells/1").text)
    assert arm.state()["motion"] == "ready"


def status(database: Database, trial_id: int) -> str:
    with database.reading() as session:
        return session.get_one(Trial, trial_id).status
