"""An arm whose scene is a stand-in: joints follow their commands at once, the picture is grey."""

import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import asdict
from typing import Any

import numpy as np
import pytest
import torch
import uvicorn
from fastapi import FastAPI

from app.accounts.service import ensure_user
from app.cells.arm import Arm
from app.cells.models import Cell
from app.cells.motion_guard import MotionGuard
from app.demonstrations.models import Demonstration
from app.experiments.models import Experiment, Region
from app.platform.database import Database
from app.platform.settings import Settings
from app.training.models import Policy
from app.training.repository import get_step
from app.training.step_life import open_iteration
from app.trials.planning import plan_trials
from hndp_core.data.artefact_store import ArtefactStore
from hndp_core.hierarchy import RefinementConfig
from hndp_core.motion import DmpConfig, DmpLayer
from hndp_core.policies import EncoderConfig, VisuomotorPolicy, dump_checkpoint
from hndp_core.robots.simulated import SimulatedRobot
from hndp_core.tasks import SceneVariation, get_task
from hndp_core.tasks.outcome import Outcome
from hndp_core.tasks.region import Region as Place
from hndp_core.tasks.scene import Scene
from tests.app.cells.free_guard import make_guard
from tests.app.cells.real_arm import camera, computer, film, make_robot, real_arm

__all__ = ["camera", "computer", "film", "make_robot", "real_arm"]

HOME = np.array([0.0, -0.8, 0.0, -2.3, 0.0, 1.6, 0.8])
STEPS = 60


class GreyScene(Scene):
    """Succeeds where joint 1 has moved. `reach` is how far the teacher turns it [rad]."""

    control_rate_hz = 50.0
    home_joints = HOME

    def __init__(self, reach: float = 0.1) -> None:
        self._reach = reach
        self._joints = HOME.copy()
        self._shift = (0.0, 0.0)

    def reset(self, region: Place, variation: SceneVariation) -> None:
        self._joints, self._shift = HOME.copy(), variation.object_shift_m

    def step(self, joints: np.ndarray) -> None:
        self._joints = joints.copy()

    def joints(self) -> np.ndarray:
        return self._joints.copy()

    def joint_velocities(self) -> np.ndarray:
        return np.zeros(7)

    def state(self) -> np.ndarray:
        return np.array(self._shift)

    def render(self, width: int, height: int) -> np.ndarray:
        return np.full((height, width, 3), 90, np.uint8)

    def judge(self) -> Outcome:
        turn_rad = float(abs(self._joints[0]))
        return Outcome(turn_rad > 0.01, {"turn_rad": turn_rad, "endless": float("inf")})

    def demonstrate(self, region: Place, variation: SceneVariation) -> np.ndarray:
        ramp = 0.5 - 0.5 * np.cos(np.pi * np.arange(1, STEPS + 1) / STEPS)
        return HOME + self._reach * ramp[:, None] * np.eye(7)[0]

    def pretraining_samples(self, count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
        raise NotImplementedError

    def close(self) -> None:
        """Nothing to give back."""


class MeddledScene(GreyScene):
    """Somebody does something once, in the middle of the motion."""

    def __init__(self, meddle: Callable[[], object]) -> None:
        super().__init__()
        self._meddle, self._steps = meddle, 0

    def step(self, joints: np.ndarray) -> None:
        super().step(joints)
        self._steps += 1
        if self._steps == STEPS // 2:
            self._meddle()


class GreyArm(Arm):
    """An arm in a grey scene."""

    def __init__(self, scene: Scene, guard: MotionGuard | None = None, speed: float = 0.0) -> None:
        super().__init__(lambda task: SimulatedRobot(scene, speed), guard or make_guard())
        self.warm_up("scooping")


def serve(app: FastAPI) -> Iterator[str]:
    """The address of an app that runs in a thread."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", timeout_graceful_shutdown=1))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    server.should_exit = True
    thread.join(10)
    listener.close()


@pytest.fixture
def store(settings: Settings) -> ArtefactStore:
    return settings.artefacts


def seed_grey_experiment(database: Database, **cell: Any) -> int:
    """Store a running experiment with one train region, whose demonstration is owed; return its id."""
    with database.transaction() as session:
        author = ensure_user(session, "Operator", "operator")
        row = Cell(**{"name": "test", "robot": "simulated", **cell})
        session.add(row)
        session.flush()
        config = RefinementConfig(iterations=1)
        experiment = Experiment(
            name="grey",
            task=get_task("scooping").key,
            method="hndp",
            status="running",
            seed=3,
            iterations=1,
            trials_per_region=1,
            layout_seed=0,
            settings=asdict(config),
            cell_id=row.id,
            created_by_id=author.id,
        )
        experiment.regions = [Region(index=1, name="T1", split="train", x_m=0.6, y_m=0.0)]
        session.add(experiment)
        session.flush()
        session.add(
            Demonstration(
                region_id=experiment.regions[0].id, take=1, source="teacher", created_by_id=author.id
            )
        )
        return experiment.id


def add_grey_policy(database: Database, store: ArtefactStore, experiment_id: int, reach: float) -> int:
    """Store a global policy that turns joint 1 by about `reach` rad; return the id of the gate step."""
    dmp = DmpConfig(dof=7, basis=5, rollout_length=STEPS, attractor_gain=15.0)
    encoder = EncoderConfig(image_size=96)
    policy = VisuomotorPolicy(DmpLayer(dmp), encoder, hidden=4, generator=torch.Generator().manual_seed(0))
    shown = GreyScene(reach).demonstrate(Place(1, "train", 0.6, 0.0), SceneVariation.none())
    policy.calibrate(np.stack([HOME, HOME]), np.stack([shown, shown]))
    artefact = store.write("policies/1/1/global.safetensors", dump_checkpoint(policy))
    with database.transaction() as session:
        steps = open_iteration(session, experiment_id, 1)
        session.add(Policy(iteration_id=1, kind="global", artefact_key=artefact.key, sha256=artefact.sha256))
    return steps["gate_rollouts"]


def plan_grey_trial(database: Database, step_id: int) -> int:
    """Plan the gate trial; return its id."""
    with database.transaction() as session:
        (trial_id,) = plan_trials(session, get_step(session, step_id))
    return trial_id


@pytest.fixture
def experiment_id(database: Database) -> int:
    return seed_grey_experiment(database)


@pytest.fixture
def add_policy(database: Database, store: ArtefactStore, experiment_id: int) -> Callable[[float], int]:
    """add_policy(reach) stores a policy of that reach; returns the id of the gate step."""
    return lambda reach: add_grey_policy(database, store, experiment_id, reach)


@pytest.fixture
def plan(database: Database, add_policy: Callable[[float], int]) -> Callable[[float], tuple[int, int]]:
    """plan(reach) plans the gate trial of a policy of that reach; returns its id and the step's."""

    def planned(reach: float) -> tuple[int, int]:
        step_id = add_policy(reach)
        return plan_grey_trial(database, step_id), step_id

    return planned
