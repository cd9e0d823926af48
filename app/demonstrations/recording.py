"""One demonstration on the cell's arm: of its scripted teacher, or of a motion that a person kept."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final, TypeVar

import numpy as np

from app.cells.arm import Activity, Arm
from app.cells.interlock import Disturbed
from app.cells.record_files import store_record
from app.cells.scene_setting import SceneSetter, SceneWanted
from app.demonstrations.models import Demonstration
from app.demonstrations.service import NoTeacher
from app.platform.database import Database
from app.platform.model import now
from app.platform.stopping import StopSignal
from hndp_core.data.artefact_store import ArtefactStore
from hndp_core.data.joint_recording import JointRecording
from hndp_core.data.motion_warnings import pace_warnings, recording_warnings
from hndp_core.data.prepared_motion import prepare_motion
from hndp_core.hierarchy import trial_seed
from hndp_core.robots.robot import Robot
from hndp_core.robots.simulated import SimulatedRobot
from hndp_core.rollout import RolloutRecord, execute
from hndp_core.tasks import get_task
from hndp_core.tasks.region import Region

_OWED: Final = ("queued", "recording")

_Result = TypeVar("_Result")


@dataclass(frozen=True)
class Order:
    """All that executing a demonstration needs, read before the arm moves.

    Attributes:
        motion: key, SHA-256 and whether to trim, of the motion to execute; None: the teacher shows one
    """

    experiment_id: int
    task: str
    region_id: int
    region: Region
    seed: int
    checks_scene: bool
    motion: tuple[str, str, bool] | None


def order_of(row: Demonstration) -> Order:
    experiment, place, motion = row.region.experiment, row.region, row.motion
    return Order(
        experiment_id=experiment.id,
        task=experiment.task,
        region_id=place.id,
        region=place.place(),
        seed=trial_seed(experiment.seed, 0, "demonstration", place.index, 0, row.take - 1),
        checks_scene=experiment.checks_scenes,
        motion=None if motion is None else (motion.artefact_key, motion.sha256, motion.trimmed),
    )


def undisturbed(
    arm: Arm, stop: StopSignal, what: str, wanted: Callable[[], bool], act: Callable[[], _Result]
) -> _Result | None:
    """Do it from its start until nothing stops or holds the arm; None for what is not wanted any more."""
    while arm.guard.wait_until_allowed(what, lambda: stop.asked or not wanted()):
        with suppress(Disturbed):
            return act()
    if stop.asked:
        stop.park()
    return None


class Recorder:
    """Records queued demonstrations on this cell's arm."""

    def __init__(self, database: Database, store: ArtefactStore, arm: Arm, stop: StopSignal) -> None:
        self._database = database
        self._store = store
        self._arm = arm
        self._stop = stop
        self._scenes = SceneSetter(database, store, arm.scenes)

    def record(self, demonstration_id: int) -> str:
        """Record one demonstration; return its status. What goes wrong is kept in its row, for a redo.

        One that a crash cut off is recorded anew; one that is recorded, or was put into the bin while it
        waited, is left as it is.
        """
        with self._database.transaction() as session:
            row = session.get_one(Demonstration, demonstration_id)
            if row.status not in _OWED:
                return row.status
            row.status = "recording"
            order = order_of(row)
        folder = f"demonstrations/{demonstration_id}"
        try:
            given = self._given(order)
            shown = undisturbed(
                self._arm,
                self._stop,
                f"Demonstration in {order.region.name}",
                lambda: self._is_wanted(demonstration_id),
                lambda: self._demonstrate(demonstration_id, order, given),
            )
            if shown is None:
                return self._status(demonstration_id)
            record, rate_hz = shown
            sha256 = store_record(self._store, folder, "trajectory", record, rate_hz)
        except Exception as error:
            return self._failed(demonstration_id, error)
        with self._database.transaction() as session:
            row = session.get_one(Demonstration, demonstration_id)
            row.artefact_key, row.sha256, row.recorded_at = folder, sha256, now()
            row.warning = quality_warning(record, rate_hz, recording_warnings(given) if given else ())
            if row.status == "recording":
                row.status = "recorded"
            return row.status

    def _given(self, order: Order) -> JointRecording | None:
        if order.motion is None:
            return None
        key, sha256, _ = order.motion
        return JointRecording.from_bytes(self._store.read(key, expected_sha256=sha256))

    def _status(self, demonstration_id: int) -> str:
        with self._database.reading() as session:
            return session.get_one(Demonstration, demonstration_id).status

    def _demonstrate(
        self, demonstration_id: int, order: Order, given: JointRecording | None
    ) -> tuple[RolloutRecord, float] | None:
        """Execute it once; None where it came to be unwanted while its scene was being set."""
        title = f"demonstration in {order.region.name}"
        wanted = SceneWanted(
            title=title,
            experiment_id=order.experiment_id,
            region_id=order.region_id,
            region=order.region,
            task=order.task,
            seed=order.seed,
            checked=order.checks_scene,
        )
        record = None
        with self._arm.use(order.task, Activity(title, order.experiment_id)) as robot:
            if self._scenes.set(robot, wanted, lambda: not self._is_wanted(demonstration_id)) is not None:
                commands = _commands(robot, order, given)
                record = execute(robot, commands, record_video=True, should_stop=lambda: self._stop.asked)
        if self._stop.asked:
            self._stop.park()
        return None if record is None else (record, robot.rate_hz)

    def _is_wanted(self, demonstration_id: int) -> bool:
        return not self._stop.asked and self._status(demonstration_id) in _OWED

    def _failed(self, demonstration_id: int, error: Exception) -> str:
        with self._database.transaction() as session:
            row = session.get_one(Demonstration, demonstration_id)
            row.error = str(error)[:2000]
            if row.status == "recording":
                row.status = "failed"
            return row.status


def _commands(robot: Robot, order: Order, given: JointRecording | None) -> np.ndarray:
    """The commands (steps, dof) [rad] of the motion, or of the scripted teacher.

    Raises:
        NoTeacher: there is no motion, and the scene is real.
    """
    task = get_task(order.task)
    if order.motion is not None and given is not None:
        _, _, trim = order.motion
        steps = task.rollout_length
        return prepare_motion(given, robot.joints(), steps, robot.rate_hz, trim=trim).commands
    if not isinstance(robot, SimulatedRobot):
        raise NoTeacher
    variation = task.variation(order.seed)
    commands = robot.scene.demonstrate(order.region, variation)
    robot.prepare(order.region, variation)  # the teacher may have tried its plan in the scene
    return commands


def quality_warning(record: RolloutRecord, rate_hz: float, known: Sequence[str] = ()) -> str | None:
    """What a person should look at before accepting, beside what is known; None where nothing stands out."""
    doubts = [*known, *pace_warnings(record.start_joints, record.commanded, rate_hz)]
    if record.slow_down > 1:
        doubts.append(f"it is too fast for the arm, which followed at {1 / record.slow_down:.0%} of its pace")
    if record.outcome is not None and not record.outcome.success:
        doubts.append("the task was not done at the end")
    if not doubts:
        return None
    text = " and ".join(doubts)
    return f"{text[0].upper()}{text[1:]}: look at it, and redo it rather than accept it."[:500]
