"""One trial on the cell, with a real policy file and a stand-in scene."""

from io import BytesIO

import numpy as np
import pytest
from sqlalchemy import select

from app.experiments.models import Experiment
from app.experiments.motion_curves import joint_curves, paced_commands
from app.platform.stopping import StopSignal
from app.training.outcome import CANCELLED, DONE, PAUSED
from app.training.repository import get_step
from app.trials.execution import TrialRunner
from app.trials.models import Trial
from hndp_core.data.artefact_store import ArtefactStore, DamagedArtefact
from hndp_core.errors import StorageFull
from hndp_core.rollout.motion_quality import motion_quality
from hndp_core.tasks import get_task
from tests.app.cells.conftest import STEPS, GreyArm, GreyScene, MeddledScene, make_guard


@pytest.fixture
def runner(database, store) -> TrialRunner:
    return TrialRunner(database, store, GreyArm(GreyScene()), StopSignal())


def record(store: ArtefactStore, trial: Trial) -> dict[str, np.ndarray]:
    content = store.read(f"{trial.artefact_key}/record.npz", expected_sha256=trial.sha256)
    with np.load(BytesIO(content)) as file:
        return dict(file)


def test_a_trial_is_stored_whole_and_run_once(database, store, runner, plan):
    trial_id, step_id = plan(0.1)
    assert runner.run(trial_id, step_id, [trial_id]) == DONE
    with database.reading() as session:
        trial = session.get_one(Trial, trial_id)
        assert (trial.status, trial.physics_success, trial.refusal) == ("executed", True, None)
        assert trial.slow_down == 1
        assert trial.arm_s is not None
        assert trial.arm_s > 0
        kept = record(store, trial)
        made = motion_quality(kept["start_joints"], kept["commanded"], 50.0)
        assert (trial.squared_jerk, trial.velocity_share, trial.acceleration_share) == made
        assert trial.measures == {"turn_rad": pytest.approx(0.1, abs=0.05)}, "JSON has no endless numbers"
        assert record(store, trial)["measured"].shape == (STEPS, 7)
        assert all(
            store.exists(f"trials/{trial_id}/{name}")
            for name in ("start.png", "first.jpg", "last.jpg", "video.mp4")
        )
        step = get_step(session, step_id)
        assert (step.done, step.total) == (1, 1)
        executed_at = trial.executed_at
    assert runner.run(trial_id, step_id, [trial_id]) == DONE
    with database.reading() as session:
        assert session.get_one(Trial, trial_id).executed_at == executed_at


def test_a_trial_that_is_run_again_after_a_crash_has_the_same_bytes(database, store, plan):
    trial_id, step_id = plan(0.1)
    hashes = []
    for _ in range(2):
        runner = TrialRunner(database, store, GreyArm(GreyScene()), StopSignal())
        assert runner.run(trial_id, step_id, [trial_id]) == DONE
        with database.transaction() as session:
            trial = session.get_one(Trial, trial_id)
            hashes.append(trial.sha256)
            trial.status = "running"  # as a crash before the row was written would leave it
    assert hashes[0] == hashes[1]


@pytest.mark.parametrize("speed", [0.0, 20.0])
def test_a_trial_in_real_time_keeps_how_even_its_commands_were(database, store, plan, speed):
    trial_id, step_id = plan(0.1)
    runner = TrialRunner(database, store, GreyArm(GreyScene(), speed=speed), StopSignal())
    assert runner.run(trial_id, step_id, [trial_id]) == DONE
    with database.reading() as session:
        trial = session.get_one(Trial, trial_id)
        assert (trial.period_error_p99_ms is None) == (speed == 0)
        times_s = record(store, trial)["time_s"]
    planned_s = np.arange(1, STEPS + 1) / 50
    assert np.array_equal(times_s, planned_s) == (speed == 0)
    assert (np.diff(times_s) > 0).all()


def test_a_plan_that_is_too_fast_is_slowed_down(database, store, runner, plan):
    trial_id, step_id = plan(2.0)
    assert runner.run(trial_id, step_id, [trial_id]) == DONE
    with database.reading() as session:
        trial = session.get_one(Trial, trial_id)
        assert (trial.physics_success, trial.refusal) == (True, None)
        assert trial.slow_down > 1
        stored = record(store, trial)
    streamed = paced_commands(stored)
    assert len(stored["commanded"]) == STEPS
    assert len(streamed) == round(trial.slow_down * STEPS)
    np.testing.assert_array_equal(stored["measured"], streamed)  # these joints follow at once
    curves = joint_curves(stored, get_task("scooping@clean"))
    assert len(curves["time_s"]) == len(curves["commanded"][0]) == len(curves["measured"][0])
    assert curves["time_s"][-1] == pytest.approx(len(streamed) / 50)


def test_a_refused_plan_is_a_failed_trial_without_motion(database, store, runner, plan):
    trial_id, step_id = plan(4.0)
    assert runner.run(trial_id, step_id, [trial_id]) == DONE
    with database.reading() as session:
        trial = session.get_one(Trial, trial_id)
        assert (trial.status, trial.physics_success, trial.measures) == ("executed", False, None)
        assert "refused before motion: joint 1" in trial.refusal
        assert trial.squared_jerk is trial.velocity_share is None, "nothing moved"
        stored = record(store, trial)
        assert stored["measured"].shape == (0, 7)
        assert stored["commanded"].shape == (STEPS, 7)
        assert store.exists(f"trials/{trial_id}/first.jpg")


@pytest.mark.parametrize(("status", "outcome"), [("paused", PAUSED), ("cancelled", CANCELLED)])
def test_no_trial_starts_in_an_experiment_that_is_held(
    database, runner, plan, experiment_id, status, outcome
):
    trial_id, step_id = plan(0.1)
    with database.transaction() as session:
        session.get_one(Experiment, experiment_id).status = status
    assert runner.run(trial_id, step_id, [trial_id]) == outcome
    with database.reading() as session:
        assert session.get_one(Trial, trial_id).status == "planned"


def test_a_policy_file_with_other_bytes_is_not_run(database, store, runner, plan):
    trial_id, step_id = plan(0.1)
    store.write("policies/1/1/global.safetensors", b"something else")
    with pytest.raises(DamagedArtefact):
        runner.run(trial_id, step_id, [trial_id])
    with database.reading() as session:
        assert session.get_one(Trial, trial_id).status == "planned"


def test_a_full_disk_leaves_nothing_of_the_trial(database, store, runner, plan, monkeypatch):
    trial_id, step_id = plan(0.1)
    write = ArtefactStore.write

    def full(self: ArtefactStore, key: str, content: bytes):
        if key.endswith(".mp4"):
            raise StorageFull(key)
        return write(self, key, content)

    monkeypatch.setattr(ArtefactStore, "write", full)
    with pytest.raises(StorageFull):
        runner.run(trial_id, step_id, [trial_id])
    assert not any(store.exists(f"trials/{trial_id}/{name}") for name in ("start.png", "first.jpg"))
    with database.reading() as session:
        trial = session.get_one(Trial, trial_id)
        assert (trial.status, trial.artefact_key) == ("planned", None)


def test_a_stopped_trial_goes_back_and_is_run_again_with_the_same_bits(database, store, plan, monkeypatch):
    trial_id, step_id = plan(0.1)
    arm = GreyArm(GreyScene())
    assert TrialRunner(database, store, arm, StopSignal()).run(trial_id, step_id, [trial_id]) == DONE
    with database.transaction() as session:
        trial = session.get_one(Trial, trial_id)
        undisturbed, trial.status = trial.sha256, "planned"

    seen: list[str] = []

    def recover_when_put_back() -> bool:
        """Instead of a wait: somebody recovers once the trial is put back."""
        with database.reading() as session:
            seen.append(session.get_one(Trial, trial_id).status)
        if arm.guard.forbids():
            arm.recover(None, 1)
        return True

    scene = MeddledScene(lambda: arm.guard.stop("Ada", 1, "press"))
    arm = GreyArm(scene)
    monkeypatch.setattr(arm.guard, "wait_until_allowed", lambda *_: recover_when_put_back())
    assert TrialRunner(database, store, arm, StopSignal()).run(trial_id, step_id, [trial_id]) == DONE
    assert seen == ["planned", "planned"]
    with database.reading() as session:
        assert session.scalars(select(Trial.id)).all() == [trial_id]
        assert session.get_one(Trial, trial_id).sha256 == undisturbed


def test_a_trial_waits_for_an_operator_and_is_given_up_with_its_experiment(
    database, store, plan, experiment_id
):
    trial_id, step_id = plan(0.1)
    runner = TrialRunner(database, store, GreyArm(GreyScene(), make_guard(attended=True)), StopSignal())
    with database.transaction() as session:
        session.get_one(Experiment, experiment_id).status = "paused"
    assert runner.run(trial_id, step_id, [trial_id]) == PAUSED
