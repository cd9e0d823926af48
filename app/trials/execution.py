"""One trial on the cell, of an experiment or an evaluation session: policy from its file, scene from its
seed, record into the artefact store.

A plan that is too fast for the arm is slowed down, and the trial says so. One that no slow-down makes safe
is a failed trial, not an error of the cell: the policy asked for what the arm must not do. It is stored with
its first image, without motion, with the reason; the physics is not asked, since nothing has moved, and
counts as no success. One during which the arm was stopped or had to hold is not executed: it waits until the
arm may move, and is run again from its start, with the same bits. One that its operator judges while the arm
moves ends there: what was recorded is stored with the label, and the arm goes home.
"""

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

import structlog
from sqlalchemy.orm import Session

from app.cells.arm import Activity, Arm
from app.cells.interlock import Disturbed
from app.cells.record_files import store_record
from app.cells.scene_setting import SceneSetter, SceneWanted
from app.platform.database import Database
from app.platform.durable import Jobs
from app.platform.model import now
from app.platform.stopping import StopSignal
from app.training.outcome import CANCELLED, DONE, PAUSED
from app.training.repository import get_step, regions_of
from app.trials.kept_result import keep_motion, keep_result
from app.trials.live_labels import LiveLabels, LiveTrial
from app.trials.models import Trial
from app.trials.owner import owner_status, seed_of, task_of
from app.trials.planner import PlannerMaker, StoredPolicy
from app.trials.planning import executed_count
from app.trials.waiting import LABELLED_PURPOSES
from hndp_core.data.artefact_store import ArtefactStore
from hndp_core.errors import HndpError, TrajectoryRefused
from hndp_core.rollout import execute

STATUS_PERIOD_S: Final = 1.0

log = structlog.get_logger()


@dataclass(frozen=True)
class _Order:
    """All that one trial needs, read before the arm moves."""

    scene: SceneWanted
    activity: Activity
    policy: StoredPolicy


class TrialRunner:
    """Runs planned trials on this cell's arm."""

    def __init__(self, database: Database, store: ArtefactStore, arm: Arm, stop: StopSignal) -> None:
        self._database = database
        self._store = store
        self._arm = arm
        self._stop = stop
        self._scenes = SceneSetter(database, store, arm.scenes)
        self.labels = LiveLabels(Jobs(database.engine), arm.guard)
        self._planners = PlannerMaker(store)

    def run(self, trial_id: int, step_id: int | None = None, batch: Sequence[int] = ()) -> str:
        """Run one trial to its end; return "done", or why it was not run. One that is done is not repeated.

        Where the arm may not move, it waits. Run again after a crash or a stop it makes the same bits: all
        randomness comes from the trial's seed.

        Args:
            trial_id: which
            step_id: of the experiment, which counts it; None of an evaluation trial
            batch: all trials of that step

        Raises:
            HndpError: the policy or the arm's camera fails, or the disk is full; the trial is planned again.
        """
        while True:
            order = self._begin(trial_id)
            if isinstance(order, str):
                return order
            try:
                outcome = self._run(trial_id, step_id, batch, order)
            except Exception as error:
                self._put_back(trial_id)
                if not isinstance(error, Disturbed):
                    raise
                continue
            if outcome is not None:
                return outcome

    def _begin(self, trial_id: int) -> _Order | str:
        """Wait until the arm may move; return the order of a trial that is owed, or why it is not run."""
        with self._database.reading() as session:
            trial = session.get_one(Trial, trial_id)
            title, cut_off = _title(trial), trial.status == "running"
        if cut_off:  # by the end of the process that ran it
            self._put_back(trial_id)
        self._arm.guard.wait_until_allowed(title, lambda: self._given_up(trial_id))
        if self._stop.asked:
            self._stop.park()
        with self._database.reading() as session:
            trial = session.get_one(Trial, trial_id)
            if trial.status == "executed":
                return DONE
            status = owner_status(session, trial)
            if status != "running":
                return CANCELLED if status == "cancelled" else PAUSED
            return _order(session, trial)

    def _start(self, trial_id: int) -> bool:
        """Say that the trial runs now; False where it is not wanted any more."""
        with self._database.transaction() as session:
            trial = session.get_one(Trial, trial_id)
            if owner_status(session, trial) != "running":
                return False
            trial.status, trial.started_at = "running", trial.started_at or now()
            return True

    def _put_back(self, trial_id: int) -> None:
        with self._database.transaction() as session:
            session.get_one(Trial, trial_id).status = "planned"

    def _given_up(self, trial_id: int) -> bool:
        return self._stop.asked or not self._is_owed(trial_id)

    def _is_owed(self, trial_id: int) -> bool:
        with self._database.reading() as session:
            trial = session.get_one(Trial, trial_id)
            return owner_status(session, trial) == "running" and trial.status != "executed"

    def _run(self, trial_id: int, step_id: int | None, batch: Sequence[int], order: _Order) -> str | None:
        """Run the trial; return None where it came to be unwanted before it began."""
        planner = self._planners.planner(order.policy)
        refusal = None
        with self.labels.of(trial_id) as live:
            with self._arm.use(order.scene.task, order.activity) as robot:
                began_s = time.monotonic()
                scene = self._scenes.set(robot, order.scene, lambda: self._given_up(trial_id))
                if scene is None or not self._start(trial_id):
                    return None
                try:
                    record = execute(
                        robot,
                        planner,
                        record_video=True,
                        on_step=live.note_step,
                        should_stop=self._should_stop(trial_id, live),
                    )
                except TrajectoryRefused as refused:
                    record, refusal = planner.unmoved(robot), str(refused)
                rate_hz = robot.rate_hz
                arm_s = time.monotonic() - began_s
            if self._stop.asked:
                self._stop.park()
            if record.stopped and self._cancelled(trial_id):
                return CANCELLED
            folder = f"trials/{trial_id}"
            sha256 = store_record(self._store, folder, "record", record, rate_hz, scene)
            with self._database.transaction() as session:
                trial = session.get_one(Trial, trial_id)
                trial.status, trial.executed_at = "executed", now()
                trial.artefact_key, trial.sha256 = folder, sha256
                cut_short = record.stopped and live.judged is not None
                keep_result(session, trial, record, refusal, scene, cut_short=cut_short)
                keep_motion(trial, record, rate_hz, arm_s)
                if step_id is not None:
                    _count(session, step_id, batch)
                self.labels.write(session, live)
            live.executed = True
        if cut_short:
            self._send_home(order)
        return DONE

    def _send_home(self, order: _Order) -> None:
        """After a motion that was cut short. Where it fails, the next motion begins with the way home."""
        way_home = Activity("way home", order.scene.experiment_id)
        with suppress(Disturbed), self._arm.use(order.scene.task, way_home) as robot:
            try:
                robot.home()
            except HndpError as error:
                log.warning("the arm did not get home", error=str(error))

    def _should_stop(self, trial_id: int, live: LiveTrial) -> Callable[[], bool]:
        """Whether the process is to end, the trial is judged, or it is wanted no more: looked up once a
        second.
        """
        looked = time.monotonic()

        def should_stop() -> bool:
            nonlocal looked
            if self._stop.asked or live.judged is not None:
                return True
            if time.monotonic() - looked < STATUS_PERIOD_S:
                return False
            looked = time.monotonic()
            return self._cancelled(trial_id)

        return should_stop

    def _cancelled(self, trial_id: int) -> bool:
        with self._database.reading() as session:
            return owner_status(session, session.get_one(Trial, trial_id)) == "cancelled"


def _order(session: Session, trial: Trial) -> _Order:
    expert = None
    if trial.purpose == "local":
        trained = [each.id for each in regions_of(session, trial.region.experiment_id, "train")]
        expert = trained.index(trial.region_id)
    title, run = _title(trial), trial.planned_run
    # Nothing may tell whose policy an evaluation trial tries.
    experiment = trial.iteration.experiment if run is None else None
    experiment_id = experiment.id if experiment is not None else None
    return _Order(
        scene=SceneWanted(
            title=title,
            experiment_id=experiment_id,
            region_id=trial.region_id,
            region=trial.region.place(),
            task=task_of(trial),
            seed=seed_of(trial),
            checked=experiment is None or experiment.checks_scenes,
        ),
        activity=Activity(title, experiment_id, trial.id if trial.purpose in LABELLED_PURPOSES else None),
        policy=StoredPolicy(trial.policy.artefact_key, trial.policy.sha256, expert),
    )


def _title(trial: Trial) -> str:
    return f"{trial.purpose.replace('_', '-')} trial in {trial.region.name}"


def _count(session: Session, step_id: int, batch: Sequence[int]) -> None:
    """Progress of a rollout step; trials that are run again for the labels are not counted twice."""
    step = get_step(session, step_id)
    if step.kind != "labelling":
        session.flush()
        step.done, step.total = executed_count(session, batch), len(batch)
