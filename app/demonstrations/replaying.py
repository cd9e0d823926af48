"""A demonstration executed once more on the arm, for somebody to watch."""

import numpy as np

from app.cells.arm import Activity, Arm
from app.demonstrations.models import Replay
from app.demonstrations.recording import Order, order_of, undisturbed
from app.experiments.motion_curves import paced_commands, read_record
from app.platform.database import Database
from app.platform.model import now
from app.platform.stopping import StopSignal
from hndp_core.data.artefact_store import ArtefactStore
from hndp_core.rollout import RolloutRecord, execute
from hndp_core.tasks import get_task


class Replayer:
    """Executes queued replays on this cell's arm. The demonstration stays as it is."""

    def __init__(self, database: Database, store: ArtefactStore, arm: Arm, stop: StopSignal) -> None:
        self._database = database
        self._store = store
        self._arm = arm
        self._stop = stop

    def replay(self, replay_id: int) -> str:
        """Execute one replay; return its status. What came of it is kept in its row."""
        with self._database.transaction() as session:
            row = session.get_one(Replay, replay_id)
            if row.status not in ("queued", "running"):
                return row.status
            row.status = "running"
            shown, order = row.demonstration, order_of(row.demonstration)
            key, sha256 = f"{shown.artefact_key}/trajectory.npz", shown.sha256
        try:
            commands = paced_commands(read_record(self._store, key, sha256))
            what = f"Replay in {order.region.name}"
            record = undisturbed(
                self._arm, self._stop, what, lambda: True, lambda: self._execute(order, commands)
            )
            assert record is not None  # it is given up only when the process ends
            return self._ended(replay_id, "done", _told(record))
        except Exception as error:
            return self._ended(replay_id, "failed", str(error))

    def _execute(self, order: Order, commands: np.ndarray) -> RolloutRecord:
        with self._arm.use(
            order.task, Activity(f"replay in {order.region.name}", order.experiment_id)
        ) as robot:
            robot.prepare(order.region, get_task(order.task).variation(order.seed))
            record = execute(robot, commands, record_video=False, should_stop=lambda: self._stop.asked)
        if self._stop.asked:
            self._stop.park()
        return record

    def _ended(self, replay_id: int, status: str, note: str) -> str:
        with self._database.transaction() as session:
            row = session.get_one(Replay, replay_id)
            row.status, row.note, row.ended_at = status, note[:2000], now()
        return status


def _told(record: RolloutRecord) -> str:
    """What the replay showed, as a sentence."""
    slower = f" at {1 / record.slow_down:.0%} of its pace" if record.slow_down > 1 else ""
    if record.outcome is None:
        return f"Replayed{slower}."
    return f"Replayed{slower}: the task was {'done' if record.outcome.success else 'not done'} at the end."
