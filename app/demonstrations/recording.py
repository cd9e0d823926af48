"""One demonstration by the scripted teacher on the cell's simulated arm."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from app.cells.arm import Activity, Arm
from app.cells.record_files import store_record
from app.demonstrations.models import Demonstration
from app.platform.database import Database
from app.platform.model import now
from app.platform.stopping import StopSignal
from hndp_core.data.artefact_store import ArtefactStore
from hndp_core.errors import HndpError
from hndp_core.hierarchy import trial_seed
from hndp_core.robots.limits import PANDA_LIMITS
from hndp_core.rollout import RolloutRecord, execute
from hndp_core.tasks import get_task
from hndp_core.tasks.region import Region

CLOSE_TO_LIMIT: Final = 0.9
"""Part of a joint's velocity limit above which a demonstration gets a warning."""


class UnknownSource(HndpError):
    """A demonstration that this cell cannot record."""

    def __init__(self, source: str) -> None:
        super().__init__(
            f"This cell records demonstrations of its scripted teacher, not {source!r} ones: "
            "guide the arm on a real cell, or choose the teacher."
        )


@dataclass(frozen=True)
class _Order:
    source: str
    experiment_id: int
    task: str
    region: Region
    seed: int


class Recorder:
    """Records queued demonstrations on this cell's arm."""

    def __init__(self, database: Database, store: ArtefactStore, arm: Arm, stop: StopSignal) -> None:
        self._database = database
        self._store = store
        self._arm = arm
        self._stop = stop

    def record(self, demonstration_id: int) -> str:
        """Record one demonstration; return its status. What goes wrong is kept in its row, for a redo.

        One that a crash cut off is recorded anew; one that is recorded, or was put into the bin while it
        waited, is left as it is.
        """
        with self._database.transaction() as session:
            row = session.get_one(Demonstration, demonstration_id)
            if row.status not in ("queued", "recording"):
                return row.status
            row.status = "recording"
            experiment, place = row.region.experiment, row.region
            order = _Order(
                source=row.source,
                experiment_id=experiment.id,
                task=experiment.task,
                region=place.place(),
                seed=trial_seed(experiment.seed, 0, "demonstration", place.index, 0, row.take - 1),
            )
        folder = f"demonstrations/{demonstration_id}"
        try:
            record, rate_hz = self._demonstrate(order)
            sha256 = store_record(self._store, folder, "trajectory", record, rate_hz)
        except Exception as error:
            return self._failed(demonstration_id, error)
        with self._database.transaction() as session:
            row = session.get_one(Demonstration, demonstration_id)
            row.artefact_key, row.sha256, row.recorded_at = folder, sha256, now()
            row.warning = quality_warning(record, rate_hz)
            if row.status == "recording":
                row.status = "recorded"
            return row.status

    def _demonstrate(self, order: _Order) -> tuple[RolloutRecord, float]:
        if order.source != "teacher":
            raise UnknownSource(order.source)
        activity = Activity(f"demonstration in {order.region.name}", order.experiment_id)
        with self._arm.use(order.task, activity) as robot:
            variation = get_task(order.task).variation(order.seed)
            robot.prepare(order.region, variation)
            taught = robot.scene.demonstrate(order.region, variation)
            robot.prepare(order.region, variation)  # the teacher may have tried its plan in the scene
            record = execute(robot, taught, record_video=True, should_stop=lambda: self._stop.asked)
        if self._stop.asked:
            self._stop.park()
        return record, robot.rate_hz

    def _failed(self, demonstration_id: int, error: Exception) -> str:
        with self._database.transaction() as session:
            row = session.get_one(Demonstration, demonstration_id)
            row.error = str(error)[:2000]
            if row.status == "recording":
                row.status = "failed"
            return row.status


def quality_warning(record: RolloutRecord, rate_hz: float) -> str | None:
    """What a person should look at before accepting; None where nothing stands out."""
    doubts = []
    rows = np.vstack([record.start_joints, record.commanded])
    part = np.abs(np.diff(rows, axis=0)).max(axis=0) * rate_hz / np.array(PANDA_LIMITS.velocity)
    joint = int(part.argmax())
    if part[joint] > CLOSE_TO_LIMIT:
        doubts.append(f"joint {joint + 1} reaches {part[joint]:.0%} of its velocity limit")
    if record.slow_down > 1:
        doubts.append(f"it is too fast for the arm, which followed at {1 / record.slow_down:.0%} of its pace")
    if record.outcome is not None and not record.outcome.success:
        doubts.append("the task was not done at the end")
    if not doubts:
        return None
    text = " and ".join(doubts)
    return f"{text[0].upper()}{text[1:]}: look at it, and redo it rather than accept it."
