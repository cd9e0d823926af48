"""The pieces of a cell's process around a real arm: frankapy and its control computer are stand-ins."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sqlalchemy import select

from app.accounts.models import User
from app.cells.arm import Activity, Arm
from app.cells.camera_watch import CameraWatch
from app.cells.interlock import Disturbed
from app.cells.models import Cell
from app.demonstrations.guide_service import Asked, Begin, GuideDesk, Lead
from app.demonstrations.models import Demonstration, Motion, MotionTake
from app.demonstrations.motions import recording_of
from app.demonstrations.recording import Recorder
from app.experiments.models import Experiment, Region
from app.platform.stopping import StopSignal
from app.training.outcome import DONE
from app.training.repository import get_step
from app.trials.execution import TrialRunner
from app.trials.models import Trial
from app.trials.planning import plan_trials
from hndp_core.data.images import decode_image
from hndp_core.data.trajectory import unpack_arrays
from hndp_core.robots.opencv_camera import OpenCvCamera
from hndp_core.robots.real import RealRobot
from hndp_core.tasks import get_task
from hndp_core.tasks.task import Task
from tests.app.cells.conftest import STEPS, make_guard
from tests.app.cells.real_arm import PANDA_HOME, PATIENCE_S, commanded, until
from tests.hndp_core.robots.fake_frankapy import SHOULD_TERMINATE, ControlComputer


@pytest.fixture
def real_cell(database, experiment_id: int) -> int:
    """The experiment, on a cell with a real arm."""
    with database.transaction() as session:
        session.scalars(select(Cell)).one().robot = "franka"
    return experiment_id


def test_a_trial_on_the_real_arm(database, store, real_cell, add_policy, real_arm, computer):
    step_id = add_policy(0.1)
    with database.transaction() as session:
        (trial_id,) = plan_trials(session, get_step(session, step_id))
    assert TrialRunner(database, store, real_arm, StopSignal()).run(trial_id, step_id, [trial_id]) == DONE
    with database.reading() as session:
        trial = session.get_one(Trial, trial_id)
        assert (trial.status, trial.simulated, trial.physics_success) == ("executed", False, None)
        assert trial.period_error_p99_ms is not None
        record = unpack_arrays(store.read(f"{trial.artefact_key}/record.npz", expected_sha256=trial.sha256))
    sent = commanded(computer)
    np.testing.assert_array_equal(sent[:STEPS], record["commanded"])
    np.testing.assert_array_equal(sent[STEPS:], np.tile(record["commanded"][-1], (len(sent) - STEPS, 1)))
    assert computer.published[-1][1] == SHOULD_TERMINATE
    np.testing.assert_allclose(record["measured"][-1], sent[-1], atol=5e-3)
    start = decode_image(store.read(f"trials/{trial_id}/start.png"))
    assert start[5, 5, 0] > 200, "what the camera shows"
    assert start[5, 5, 1:].max() < 60


def test_a_hand_on_the_real_arm_becomes_a_demonstration(
    database, store, settings, real_cell, real_arm, computer, user: User, monkeypatch
):
    with database.transaction() as session:
        session.get_one(Experiment, real_cell).status = "draft"
        region_id = session.scalars(select(Region.id)).one()
    desk = GuideDesk(database, settings, real_arm)
    desk.begin(Begin(user_id=user.id, region_id=region_id))

    def told(phase: str) -> dict[str, Any]:
        return until(lambda: state if (state := lead())["phase"] == phase else None)

    def lead() -> dict[str, Any]:
        return desk.lead(Lead(user_id=user.id))

    told("ready")
    desk.act(Asked(user_id=user.id, act="start"))
    told("recording")
    assert computer.skill == "guide"
    ((_, guided),) = [call for call in computer.calls if call[0] == "run_guide_mode"]
    assert guided["duration"] > 180, "the arm gives way for longer than the longest recording"
    for turn in np.linspace(0, 0.3, 40):
        computer.arm.push(PANDA_HOME + turn * np.eye(7)[0])
        lead()
        time.sleep(0.02)
    desk.act(Asked(user_id=user.id, act="stop"))
    motion_id = told("recorded")["motion_id"]
    assert computer.skill is None, "the arm holds"
    assert commanded(computer).size == 0, "nobody but the hand has moved it"
    desk.act(Asked(user_id=user.id, act="end"))
    with database.reading() as session:
        motion = session.get_one(Motion, motion_id)
        recording = recording_of(store, motion)
        assert decode_image(store.read(motion.start_image_key)).shape == (480, 640, 3)
        assert motion.cut_off_s is None
    assert recording.joints[-1, 0] == pytest.approx(0.3)
    assert 30 < recording.rate_hz < 60
    desk.close()
    assert real_arm.rest(PATIENCE_S)
    real_arm._moving.release()

    monkeypatch.setattr(type(get_task("scooping")), "rollout_length", 100)
    assert executed(database, store, real_arm, motion_id, user) == "recorded"
    sent = commanded(computer)
    homed = int(np.argmin(sent[:, 0]))
    np.testing.assert_allclose(sent[homed], PANDA_HOME, atol=2e-3)
    assert sent[homed:, 0].max() == pytest.approx(0.3, abs=0.02), "from home it does what the hand did"


def executed(database, store, real_arm: Arm, motion_id: int, user: User) -> str:
    """Let the arm execute a motion, as its keeping asks for; return what became of it."""
    with database.transaction() as session:
        motion = session.get_one(Motion, motion_id)
        row = Demonstration(region_id=motion.region_id, take=2, source="guided", created_by_id=user.id)
        session.add(row)
        session.flush()
        session.add(MotionTake(demonstration_id=row.id, motion_id=motion.id))
        demonstration_id = row.id
    return Recorder(database, store, real_arm, StopSignal()).record(demonstration_id)


def test_the_scripted_teacher_is_refused_on_a_real_arm(database, store, real_cell, real_arm, computer):
    with database.reading() as session:
        owed = session.scalars(select(Demonstration.id)).one()
    assert Recorder(database, store, real_arm, StopSignal()).record(owed) == "failed"
    with database.reading() as session:
        error = session.get_one(Demonstration, owed).error
    assert "Guide the arm by hand, or import a motion" in error
    assert commanded(computer).size == 0


def test_a_lost_arm_stops_everything_until_it_is_connected_anew(real_arm: Arm, computer: ControlComputer):
    with pytest.raises(Disturbed, match="user stop"):
        lose_in_a_motion(real_arm, computer)
    assert real_arm.state()["motion"] == "stopped"
    assert "Look at the arm" in real_arm.state()["note"]
    real_arm.recover(None, 1)
    assert real_arm.state()["motion"] == "stopped", "it still reports its error"
    computer.error = ""
    real_arm.recover(None, 1)
    assert real_arm.state()["motion"] == "ready"
    np.testing.assert_allclose(computer.arm.read()[0], PANDA_HOME, atol=5e-3)
    assert computer.names().count("__init__") == 1


def lose_in_a_motion(real_arm: Arm, computer: ControlComputer) -> None:
    with real_arm.use("scooping", Activity("a trial", 1)) as robot:
        here = robot.joints()
        computer.error = "user stop"
        robot.execute(np.tile(here, (20, 1)))


def test_an_arm_that_is_lost_at_rest_is_noticed(real_arm: Arm, computer: ControlComputer):
    real_arm.look()
    assert real_arm.state()["motion"] == "ready"
    computer.up = False
    real_arm.look()
    assert "control computer" in real_arm.state()["note"]


def test_stop_motion_lets_a_limp_arm_hold_and_makes_nobody_wait(real_arm: Arm, computer: ControlComputer):
    with pytest.raises(Disturbed, match="Ada stopped motion"):
        stop_while_guided(real_arm, computer)
    assert computer.skill is None
    assert real_arm.state()["motion"] == "stopped"


def stop_while_guided(real_arm: Arm, computer: ControlComputer) -> None:
    with real_arm.use("scooping", Activity("guided by hand", 1)) as robot:
        robot.begin_guiding(60.0)
        computer.cable.clear()  # the control computer takes its time
        real_arm.guard.stop("Ada", 1, "press")  # returns all the same
        assert computer.skill == "guide"
        computer.cable.set()
        until(lambda: computer.skill is None)


def test_another_task_gets_a_robot_of_its_own_on_the_same_arm(real_arm: Arm, computer: ControlComputer):
    with real_arm.use("writing", Activity("a trial", 1)) as robot:
        np.testing.assert_allclose(robot.joints(), PANDA_HOME, atol=1e-6)
    assert computer.names().count("__init__") == 1
    assert real_arm.state()["motion"] == "ready"


def test_a_cell_starts_without_its_camera_and_goes_on_when_it_is_there(
    make_robot: Callable[[Task], RealRobot], camera: OpenCvCamera, film: Path
):
    away = film.rename(film.with_name("away.avi"))
    arm = Arm(make_robot, make_guard())
    arm.warm_up("scooping")
    assert arm.state()["motion"] == "blind"
    watch = CameraWatch(camera, arm.guard)
    assert not watch.look()
    away.rename(film)
    assert watch.look()
    with arm.use("scooping", Activity("a trial", 1)) as robot:
        assert robot.connection.state == "connected"
        assert arm.picture() is not None
    arm.let_go()
