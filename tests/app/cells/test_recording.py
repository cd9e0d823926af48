"""Demonstrations of the teacher on a stand-in scene."""

import numpy as np
import pytest
from sqlalchemy import select

from app.demonstrations.models import Demonstration, MotionTake, Replay
from app.demonstrations.motions import store_motion
from app.demonstrations.recording import Recorder
from app.demonstrations.replaying import Replayer
from app.platform.stopping import StopSignal
from hndp_core.data.artefact_store import ArtefactStore
from hndp_core.data.joint_recording import JointRecording
from hndp_core.data.trajectory import unpack_arrays
from hndp_core.errors import StorageFull
from tests.app.cells.conftest import HOME, STEPS, GreyArm, GreyScene


@pytest.fixture
def demonstration_id(database, experiment_id) -> int:
    with database.reading() as session:
        return session.scalars(select(Demonstration.id)).one()


def recorder(database, store, scene: GreyScene) -> Recorder:
    return Recorder(database, store, GreyArm(scene), StopSignal())


def test_a_recording_is_stored_and_made_once(database, store, demonstration_id):
    teacher = recorder(database, store, GreyScene())
    assert teacher.record(demonstration_id) == "recorded"
    with database.reading() as session:
        row = session.get_one(Demonstration, demonstration_id)
        assert (row.error, row.warning) == (None, None)
        content = store.read(f"{row.artefact_key}/trajectory.npz", expected_sha256=row.sha256)
        arrays = unpack_arrays(content)
        assert arrays["commanded"].shape == (STEPS, 7)
        assert np.allclose(arrays["measured"], arrays["commanded"])
        recorded_at = row.recorded_at
    assert teacher.record(demonstration_id) == "recorded"
    with database.reading() as session:
        assert session.get_one(Demonstration, demonstration_id).recorded_at == recorded_at


def test_a_recording_that_a_crash_cut_off_is_made_anew(database, store, demonstration_id):
    with database.transaction() as session:
        session.get_one(Demonstration, demonstration_id).status = "recording"
    assert recorder(database, store, GreyScene()).record(demonstration_id) == "recorded"


def test_a_failed_task_and_a_fast_joint_are_pointed_out(database, store, demonstration_id):
    assert recorder(database, store, GreyScene(reach=0.0)).record(demonstration_id) == "recorded"
    with database.transaction() as session:
        row = session.get_one(Demonstration, demonstration_id)
        assert row.warning.startswith("The task was not done at the end")
        row.status = "queued"
    assert recorder(database, store, GreyScene(reach=1.55)).record(demonstration_id) == "recorded"
    with database.reading() as session:
        warning = session.get_one(Demonstration, demonstration_id).warning
        assert warning.startswith("Joint 1 reaches 9")


def test_a_demonstration_that_had_to_be_slowed_down_is_pointed_out(database, store, demonstration_id):
    assert recorder(database, store, GreyScene(reach=2.0)).record(demonstration_id) == "recorded"
    with database.reading() as session:
        warning = session.get_one(Demonstration, demonstration_id).warning
        assert "too fast for the arm, which followed at " in warning


def test_what_the_arm_refuses_is_a_failed_recording(database, store, demonstration_id):
    assert recorder(database, store, GreyScene(reach=5.0)).record(demonstration_id) == "failed"
    with database.reading() as session:
        row = session.get_one(Demonstration, demonstration_id)
        assert "refused before motion" in row.error
        assert row.artefact_key is None


def test_a_full_disk_fails_the_recording_leaves_nothing_and_it_can_be_redone(
    database, store, demonstration_id, monkeypatch
):
    write = ArtefactStore.write

    def full(self: ArtefactStore, key: str, content: bytes):
        if key.endswith(".npz"):
            raise StorageFull(key)
        return write(self, key, content)

    with monkeypatch.context() as patched:
        patched.setattr(ArtefactStore, "write", full)
        assert recorder(database, store, GreyScene()).record(demonstration_id) == "failed"
    folder = store.local_path(f"demonstrations/{demonstration_id}")
    assert folder is not None
    assert list(folder.iterdir()) == []
    with database.transaction() as session:
        row = session.get_one(Demonstration, demonstration_id)
        assert row.error.startswith("The disk is full")
        again = Demonstration(
            region_id=row.region_id, take=2, source="teacher", created_by_id=row.created_by_id
        )
        session.add(again)
        session.flush()
        again_id = again.id
    assert recorder(database, store, GreyScene()).record(again_id) == "recorded"


def give_motion(database, store, demonstration_id, joints: np.ndarray) -> None:
    """Let the demonstration be of a motion at 50 Hz instead of the teacher."""
    with database.transaction() as session:
        row = session.get_one(Demonstration, demonstration_id)
        row.region.experiment.status = "draft"
        recording = JointRecording(np.arange(len(joints)) / 50, joints)
        motion = store_motion(
            session,
            store,
            region=row.region,
            user=row.created_by,
            recording=recording,
            source="imported",
            name="a.csv",
        )
        session.add(MotionTake(demonstration_id=row.id, motion_id=motion.id))
        row.source = "imported"


def test_a_motion_is_executed_like_a_teachers(database, store, demonstration_id):
    share = np.clip(np.linspace(-0.2, 1.2, 500), 0.0, 1.0)[:, None]
    give_motion(database, store, demonstration_id, HOME + 0.4 * share**3 * (10 - 15 * share + 6 * share**2))
    assert recorder(database, store, GreyScene(reach=5.0)).record(demonstration_id) == "recorded"
    with database.reading() as session:
        row = session.get_one(Demonstration, demonstration_id)
        assert row.warning is None
        arrays = unpack_arrays(store.read(f"{row.artefact_key}/trajectory.npz", expected_sha256=row.sha256))
    assert arrays["commanded"].shape == (350, 7)
    np.testing.assert_allclose(arrays["commanded"][-1], HOME + 0.4, atol=3e-3)
    np.testing.assert_allclose(arrays["start_joints"], HOME)


def test_what_the_arm_refuses_of_a_motion_is_a_failed_recording(database, store, demonstration_id):
    give_motion(database, store, demonstration_id, np.linspace(HOME, HOME + 3.5, 350))
    assert recorder(database, store, GreyScene()).record(demonstration_id) == "failed"
    with database.reading() as session:
        assert "refused" in session.get_one(Demonstration, demonstration_id).error


def test_a_replay_tells_what_came_of_it_and_is_made_once(database, store, demonstration_id):
    assert recorder(database, store, GreyScene()).record(demonstration_id) == "recorded"
    with database.transaction() as session:
        row = session.get_one(Demonstration, demonstration_id)
        before = row.sha256
        asked = Replay(demonstration_id=row.id, created_by_id=row.created_by_id)
        session.add(asked)
        session.flush()
        replay_id = asked.id
    scene = GreyScene()
    replayer = Replayer(database, store, GreyArm(scene), StopSignal())
    assert replayer.replay(replay_id) == "done"
    assert scene.joints()[0] == pytest.approx(HOME[0] + 0.1)
    with database.reading() as session:
        asked = session.get_one(Replay, replay_id)
        assert asked.note == "Replayed: the task was done at the end."
        ended_at = asked.ended_at
        assert asked.demonstration.sha256 == before
    assert replayer.replay(replay_id) == "done"
    with database.reading() as session:
        assert session.get_one(Replay, replay_id).ended_at == ended_at


def test_a_replay_whose_file_is_gone_says_so(database, store, demonstration_id):
    assert recorder(database, store, GreyScene()).record(demonstration_id) == "recorded"
    store.delete(f"demonstrations/{demonstration_id}/trajectory.npz")
    with database.transaction() as session:
        author_id = session.get_one(Demonstration, demonstration_id).created_by_id
        session.add(Replay(demonstration_id=demonstration_id, created_by_id=author_id))
    assert Replayer(database, store, GreyArm(GreyScene()), StopSignal()).replay(1) == "failed"
    with database.reading() as session:
        assert "restore it from a backup" in session.get_one(Replay, 1).note
