"""Demonstrations of the teacher on a stand-in scene."""

import numpy as np
import pytest
from sqlalchemy import select

from app.demonstrations.models import Demonstration
from app.demonstrations.recording import Recorder
from app.platform.stopping import StopSignal
from hndp_core.data.artefact_store import ArtefactStore
from hndp_core.data.trajectory import unpack_arrays
from hndp_core.errors import StorageFull
from tests.app.cells.conftest import STEPS, GreyArm, GreyScene


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


def test_only_the_teacher_is_recorded_here(database, store, demonstration_id):
    with database.transaction() as session:
        session.get_one(Demonstration, demonstration_id).source = "guided"
    assert recorder(database, store, GreyScene()).record(demonstration_id) == "failed"
    with database.reading() as session:
        assert "scripted teacher" in session.get_one(Demonstration, demonstration_id).error
