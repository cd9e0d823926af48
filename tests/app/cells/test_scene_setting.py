"""An attended motion waits until a person says that its scene matches."""

import threading
import time
from collections.abc import Callable

import numpy as np
import pytest

from app.accounts.service import ensure_user
from app.cells.arm import Arm
from app.cells.lease import Lease, StaleLease
from app.cells.scene_desk import SceneGone
from app.cells.scene_setting import stored_reference
from app.demonstrations.models import Demonstration
from app.demonstrations.recording import Recorder
from app.experiments.models import Experiment
from app.platform.errors import NotFound
from app.platform.stopping import StopSignal
from app.training.outcome import DONE, PAUSED
from app.trials.execution import TrialRunner
from app.trials.models import SceneMatch, Trial
from hndp_core.data.images import encode_image
from tests.app.cells.conftest import GreyArm, GreyScene, make_guard
from tests.app.cells.test_lease import ADA, BEN, Clock

WAIT_S = 20.0


class Job(threading.Thread):
    """A job of the cell that waits for people."""

    def __init__(self, act: Callable[[], str]) -> None:
        super().__init__(daemon=True)
        self._act = act
        self.start()

    def run(self) -> None:
        self.outcome = self._act()

    def ended(self) -> str:
        self.join(WAIT_S)
        assert not self.is_alive(), "it still waits"
        return self.outcome


def until(holds: Callable[[], object]) -> None:
    deadline = time.monotonic() + WAIT_S
    while not holds():
        assert time.monotonic() < deadline, "it never came so far"
        time.sleep(0.005)


@pytest.fixture
def clock() -> Clock:
    """It stands still: nobody's page falls silent unless a test says so."""
    return Clock()


@pytest.fixture
def arm(clock: Clock, database) -> Arm:
    """Of an attended cell; Ada and Ben are its operators."""
    with database.transaction() as session:
        ids = [ensure_user(session, name, "operator").id for name in ("Operator", "Ben")]
    assert ids == [ADA.user_id, BEN.user_id]
    return GreyArm(GreyScene(), make_guard(attended=True, lease=Lease(0, clock), clock=clock))


@pytest.fixture
def start(database, store, arm, plan) -> Callable[[], tuple[Job, int]]:
    """start() runs a gate trial; returns the job, and the trial's id."""

    def start() -> tuple[Job, int]:
        trial_id, step_id = plan(0.1)
        runner = TrialRunner(database, store, arm, StopSignal())
        return Job(lambda: runner.run(trial_id, step_id, [trial_id])), trial_id

    return start


def number(arm: Arm) -> int:
    """The number of the scene that waits."""
    until(arm.scenes.state)
    return (arm.scenes.state() or {})["number"]


def status(database, trial_id: int) -> str:
    with database.reading() as session:
        return session.get_one(Trial, trial_id).status


def test_a_trial_begins_when_its_operator_says_that_the_scene_matches(database, store, arm, start):
    token = arm.guard.take(ADA).token
    job, trial_id = start()
    waiting = number(arm)
    state = arm.state()
    assert (state["motion"], state["scene"]["region"], state["trial_id"]) == ("scene", "T1", trial_id)
    assert "The scene of T1 waits. Fill the bowl" in state["note"]
    assert state["scene"]["simulated"]
    assert arm.guard.forbids(), "hands are in the scene"
    assert status(database, trial_id) == "planned"
    assert arm.scenes.reference(waiting).shape == (480, 640, 3)
    arm.scenes.matches(waiting, token, ADA.user_id)
    assert job.ended() == DONE
    assert arm.state()["scene"] is None
    with database.reading() as session:
        match = session.get_one(SceneMatch, trial_id)
        assert (match.user_id, match.reference) == (ADA.user_id, "simulation")
    for name in ("scene_matched.jpg", "scene_reference.jpg"):
        assert store.exists(f"trials/{trial_id}/{name}")


def test_the_wait_changes_no_bit_of_the_trial(database, store, arm, start):
    token = arm.guard.take(ADA).token
    job, trial_id = start()
    arm.scenes.matches(number(arm), token, ADA.user_id)
    job.ended()
    with database.transaction() as session:
        trial = session.get_one(Trial, trial_id)
        attended, trial.status = trial.sha256, "planned"
        step_id = trial.iteration.steps[0].id
    TrialRunner(database, store, GreyArm(GreyScene()), StopSignal()).run(trial_id, step_id, [trial_id])
    with database.reading() as session:
        assert session.get_one(Trial, trial_id).sha256 == attended


def test_a_press_needs_the_arm_and_the_scene_that_waits(arm, start):
    token = arm.guard.take(ADA).token
    job, _ = start()
    waiting = number(arm)
    with pytest.raises(StaleLease):
        arm.scenes.matches(waiting, token, BEN.user_id)
    with pytest.raises(SceneGone):
        arm.scenes.matches(waiting - 1, token, ADA.user_id)
    with pytest.raises(NotFound):
        arm.scenes.reference(waiting - 1)
    arm.scenes.matches(waiting, token, ADA.user_id)
    job.ended()
    with pytest.raises(SceneGone):
        arm.scenes.matches(waiting, token, ADA.user_id)


def test_who_takes_the_arm_over_meanwhile_says_that_it_matches(arm, start):
    token = arm.guard.take(ADA).token
    job, _ = start()
    waiting = number(arm)
    new = arm.guard.take_over(BEN, token).token
    with pytest.raises(StaleLease):
        arm.scenes.matches(waiting, token, ADA.user_id)
    arm.scenes.matches(waiting, new, BEN.user_id)
    assert job.ended() == DONE


@pytest.mark.parametrize("trouble", ["stopped", "silent", "handed back"])
def test_a_wait_that_is_broken_off_leaves_the_trial_planned_and_begins_anew(
    database, arm, clock, start, trouble
):
    token = arm.guard.take(ADA).token
    job, trial_id = start()
    first = number(arm)
    if trouble == "stopped":
        arm.guard.stop("Ben", BEN.user_id, "press")
    elif trouble == "silent":
        clock.now_s += 2.0
    else:
        arm.guard.release(token, ADA.user_id)
    until(lambda: arm.scenes.state() is None)
    until(lambda: arm.state()["waiting"])
    assert status(database, trial_id) == "planned"
    with pytest.raises((SceneGone, StaleLease)):
        arm.scenes.matches(first, token, ADA.user_id)
    token = arm.guard.take(ADA).token
    if trouble == "stopped":
        arm.recover(token, ADA.user_id)
    until(lambda: (arm.scenes.state() or {}).get("number", first) > first)
    arm.scenes.matches(number(arm), token, ADA.user_id)
    assert job.ended() == DONE


def test_a_trial_that_a_kill_cut_off_is_planned_while_its_scene_waits(database, store, arm, plan):
    trial_id, step_id = plan(0.1)
    with database.transaction() as session:
        session.get_one(Trial, trial_id).status = "running"
    token = arm.guard.take(ADA).token
    job = Job(lambda: TrialRunner(database, store, arm, StopSignal()).run(trial_id, step_id, [trial_id]))
    waiting = number(arm)
    assert status(database, trial_id) == "planned"
    arm.scenes.matches(waiting, token, ADA.user_id)
    assert job.ended() == DONE


def test_an_experiment_that_checks_no_scenes_is_not_held_up(database, arm, start, experiment_id):
    with database.transaction() as session:
        session.get_one(Experiment, experiment_id).checks_scenes = False
    arm.guard.take(ADA)
    job, trial_id = start()
    assert job.ended() == DONE
    with database.reading() as session:
        assert session.get(SceneMatch, trial_id) is None


def test_a_pause_ends_the_wait(database, arm, start, experiment_id):
    arm.guard.take(ADA)
    job, trial_id = start()
    number(arm)
    with database.transaction() as session:
        session.get_one(Experiment, experiment_id).status = "paused"
    assert job.ended() == PAUSED
    assert status(database, trial_id) == "planned"


def test_a_demonstration_waits_too_and_is_the_reference_from_then_on(database, store, arm, experiment_id):
    token = arm.guard.take(ADA).token
    with database.reading() as session:
        row = session.get_one(Demonstration, 1)
        region_id = row.region_id
        assert stored_reference(session, store, region_id) is None
    job = Job(lambda: Recorder(database, store, arm, StopSignal()).record(1))
    arm.scenes.matches(number(arm), token, ADA.user_id)
    assert job.ended() == "recorded"
    with database.reading() as session:
        reference = stored_reference(session, store, region_id)
    assert reference is not None
    assert reference.source == "demonstration"


def test_a_demonstration_thrown_away_while_it_waits_is_given_up(database, store, arm, experiment_id):
    arm.guard.take(ADA)
    job = Job(lambda: Recorder(database, store, arm, StopSignal()).record(1))
    number(arm)
    with database.transaction() as session:
        session.get_one(Demonstration, 1).status = "failed"
    assert job.ended() == "failed"


def test_without_a_demonstration_a_matched_trial_is_the_reference(database, store, arm, start):
    token = arm.guard.take(ADA).token
    job, trial_id = start()
    arm.scenes.matches(number(arm), token, ADA.user_id)
    job.ended()
    store.write(f"trials/{trial_id}/scene_matched.jpg", encode_image(np.full((8, 8, 3), 7, np.uint8), "jpg"))
    with database.reading() as session:
        reference = stored_reference(session, store, session.get_one(Trial, trial_id).region_id)
    assert reference is not None
    assert reference.source == "trial"
    assert reference.picture.shape == (8, 8, 3)
