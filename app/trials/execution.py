"""One trial on the cell: policy from its file, scene from its seed, record into the artefact store.

A plan that is too fast for the arm is slowed down, and the trial says so. One that no slow-down makes safe
is a failed trial, not an error of the cell: the policy asked for what the arm must not do. It is stored with
its first image, without motion, with the reason; the physics is not asked, since nothing has moved, and
counts as no success. One during which the arm was stopped or had to hold is not executed: it waits until the
arm may move, and is run again from its start, with the same bits.
"""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from sqlalchemy.orm import Session

from app.cells.arm import Activity, Arm
from app.cells.motion_guard import Disturbed
from app.cells.record_files import store_record
from app.platform.database import Database
from app.platform.model import now
from app.platform.stopping import StopSignal
from app.training.models import Step
from app.training.outcome import CANCELLED, DONE, PAUSED
from app.training.repository import experiment_status, get_step, regions_of
from app.trials.models import Trial
from app.trials.planning import executed_count
from hndp_core.data.artefact_store import ArtefactStore
from hndp_core.errors import TrajectoryRefused
from hndp_core.hierarchy import trial_seed
from hndp_core.learning.optimise import torch_threads
from hndp_core.policies import GlobalPolicy, LocalPolicies, Network, parse_checkpoint
from hndp_core.robots.simulated import SimulatedRobot
from hndp_core.rollout import RolloutRecord, execute
from hndp_core.rollout.motion_quality import motion_quality
from hndp_core.tasks import get_task
from hndp_core.tasks.camera_format import STILL_HEIGHT, STILL_WIDTH
from hndp_core.tasks.region import Region

STATUS_PERIOD_S: Final = 1.0
PLANNING_THREADS: Final = 1  # the bits of a plan depend on it; `hndp run` plans with one, too


@dataclass(frozen=True)
class _Order:
    """All that one trial needs, read before the arm moves."""

    experiment_id: int
    task: str
    title: str
    region: Region
    expert: int | None
    seed: int
    policy_key: str
    policy_sha256: str


class TrialRunner:
    """Runs planned trials on this cell's arm."""

    def __init__(self, database: Database, store: ArtefactStore, arm: Arm, stop: StopSignal) -> None:
        self._database = database
        self._store = store
        self._arm = arm
        self._stop = stop
        self._policy: tuple[str, Network] | None = None

    def run(self, trial_id: int, step_id: int, batch: list[int]) -> str:
        """Run one trial to its end; return "done", or why it was not run. One that is done is not repeated.

        Where the arm may not move, it waits. Run again after a crash or a stop it makes the same bits: all
        randomness comes from the trial's seed.

        Raises:
            HndpError: the policy or the arm's camera fails, or the disk is full; the trial is planned again.
        """
        while True:
            order = self._begin(trial_id)
            if isinstance(order, str):
                return order
            try:
                return self._run(trial_id, step_id, batch, order)
            except Exception as error:
                with self._database.transaction() as session:
                    session.get_one(Trial, trial_id).status = "planned"
                if not isinstance(error, Disturbed):
                    raise

    def _begin(self, trial_id: int) -> _Order | str:
        """Wait until the arm may move; return the order of a trial that now runs, or why it does not."""
        with self._database.reading() as session:
            trial = session.get_one(Trial, trial_id)
            title = _title(trial)
        self._arm.guard.wait_until_allowed(title, lambda: self._stop.asked or not self._is_owed(trial_id))
        if self._stop.asked:
            self._stop.park()
        with self._database.transaction() as session:
            trial = session.get_one(Trial, trial_id)
            if trial.status == "executed":
                return DONE
            status = experiment_status(session, trial.iteration.experiment_id)
            if status != "running":
                return CANCELLED if status == "cancelled" else PAUSED
            trial.status, trial.started_at = "running", trial.started_at or now()
            return _order(session, trial)

    def _is_owed(self, trial_id: int) -> bool:
        with self._database.reading() as session:
            trial = session.get_one(Trial, trial_id)
            running = experiment_status(session, trial.iteration.experiment_id) == "running"
            return running and trial.status != "executed"

    def _run(self, trial_id: int, step_id: int, batch: list[int], order: _Order) -> str:
        planner = _WatchedPlanner(self._planner(order))
        began_s = time.monotonic()
        with self._arm.use(order.task, Activity(order.title, order.experiment_id)) as robot:
            robot.prepare(order.region, get_task(order.task).variation(order.seed))
            refusal = None
            try:
                record = execute(
                    robot, planner, record_video=True, should_stop=self._should_stop(order.experiment_id)
                )
            except TrajectoryRefused as refused:
                record, refusal = planner.unmoved(robot), str(refused)
            rate_hz = robot.rate_hz
        arm_s = time.monotonic() - began_s
        if self._stop.asked:
            self._stop.park()
        if record.stopped and self._cancelled(order.experiment_id):
            return CANCELLED
        folder = f"trials/{trial_id}"
        sha256 = store_record(self._store, folder, "record", record, rate_hz)
        with self._database.transaction() as session:
            trial = session.get_one(Trial, trial_id)
            trial.status, trial.executed_at = "executed", now()
            trial.artefact_key, trial.sha256 = folder, sha256
            trial.refusal, trial.slow_down = refusal, record.slow_down
            trial.period_error_p99_ms = record.period_error_p99_ms
            trial.arm_s = arm_s
            _keep_quality(trial, record, rate_hz)
            trial.physics_success, trial.measures = _success(record, refusal), _measures(record)
            _count(session, get_step(session, step_id), batch)
        return DONE

    def _planner(self, order: _Order) -> Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray]:
        policy = self._load(order)

        def plan(image: np.ndarray, joints: np.ndarray, state: np.ndarray) -> np.ndarray:
            with torch_threads(PLANNING_THREADS):
                if isinstance(policy, LocalPolicies):
                    assert order.expert is not None
                    return policy.plan(order.expert, state, joints)
                assert isinstance(policy, GlobalPolicy)
                return policy.plan(image, joints)

        return plan

    def _load(self, order: _Order) -> Network:
        """The policy of the order, kept for the trials that follow; its file must have the stored hash."""
        if self._policy is None or self._policy[0] != order.policy_sha256:
            content = self._store.read(order.policy_key, expected_sha256=order.policy_sha256)
            self._policy = (order.policy_sha256, parse_checkpoint(content))
        return self._policy[1]

    def _should_stop(self, experiment_id: int) -> Callable[[], bool]:
        """Whether the process is to end, or the experiment was cancelled: looked up once a second."""
        looked = time.monotonic()

        def should_stop() -> bool:
            nonlocal looked
            if self._stop.asked:
                return True
            if time.monotonic() - looked < STATUS_PERIOD_S:
                return False
            looked = time.monotonic()
            return self._cancelled(experiment_id)

        return should_stop

    def _cancelled(self, experiment_id: int) -> bool:
        with self._database.reading() as session:
            return experiment_status(session, experiment_id) == "cancelled"


class _WatchedPlanner:
    """Remembers what was asked and planned, for the record of a plan that is refused."""

    def __init__(self, plan: Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray]) -> None:
        self._plan = plan

    def __call__(self, image: np.ndarray, joints: np.ndarray, state: np.ndarray) -> np.ndarray:
        self._image, self._joints, self._state = image, joints, state
        self._planned = self._plan(image, joints, state)
        return self._planned

    def unmoved(self, robot: SimulatedRobot) -> RolloutRecord:
        """The record of a rollout that never moved."""
        picture = robot.capture(STILL_WIDTH, STILL_HEIGHT)
        return RolloutRecord(
            start_image=self._image,
            state=self._state,
            start_joints=self._joints,
            commanded=self._planned,
            slow_down=1.0,
            measured=np.empty((0, len(self._joints))),
            time_s=np.empty(0),
            frames=(),
            first_frame=picture,
            last_frame=picture,
            outcome=None,
            stopped=False,
        )


def _order(session: Session, trial: Trial) -> _Order:
    experiment, region = trial.iteration.experiment, trial.region
    expert = None
    if trial.purpose == "local":
        trained = [each.id for each in regions_of(session, experiment.id, "train")]
        expert = trained.index(region.id)
    return _Order(
        experiment_id=experiment.id,
        task=experiment.task,
        title=_title(trial),
        region=region.place(),
        expert=expert,
        seed=trial_seed(
            experiment.seed,
            trial.iteration.number,
            trial.purpose,
            region.index,
            trial.repeat - 1,
            trial.attempt - 1,
        ),
        policy_key=trial.policy.artefact_key,
        policy_sha256=trial.policy.sha256,
    )


def _title(trial: Trial) -> str:
    return f"{trial.purpose.replace('_', '-')} trial in {trial.region.name}"


def _success(record: RolloutRecord, refusal: str | None) -> bool | None:
    if refusal is not None:
        return False
    return record.outcome.success if record.outcome is not None else None


def _keep_quality(trial: Trial, record: RolloutRecord, rate_hz: float) -> None:
    """Smoothness and margins of a motion that was made; dashboards are not to open thousands of records."""
    if len(record.measured):
        made = motion_quality(record.start_joints, record.commanded, rate_hz, record.slow_down)
        trial.squared_jerk = made.squared_jerk
        trial.velocity_share, trial.acceleration_share = made.velocity_share, made.acceleration_share


def _measures(record: RolloutRecord) -> dict[str, float] | None:
    """What the judge has measured; JSON knows no numbers but finite ones."""
    if record.outcome is None:
        return None
    return {name: value for name, value in record.outcome.measures.items() if math.isfinite(value)}


def _count(session: Session, step: Step, batch: list[int]) -> None:
    """Progress of a rollout step; trials that are run again for the labels are not counted twice."""
    if step.kind != "labelling":
        session.flush()
        step.done, step.total = executed_count(session, batch), len(batch)
