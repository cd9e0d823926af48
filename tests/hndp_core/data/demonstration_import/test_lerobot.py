"""Data sets as LeRobot lays them out in format v3."""

import json
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

from hndp_core.data.demonstration_import import ImportOptions, UnusableFile, read_motion

LENGTHS = (30, 40, 50)
JOINTS = [np.random.default_rng(each).normal(0.0, 0.5, (length, 8)) for each, length in enumerate(LENGTHS)]
INFO: dict[str, Any] = {
    "codebase_version": "v3.0",
    "fps": 30,
    "features": {
        "observation.state": {
            "dtype": "float32",
            "shape": [8],
            "names": [*(f"joint_{each}" for each in range(7)), "gripper"],
        }
    },
}


def _table(episodes: tuple[int, ...], width: int = 8, without: tuple[str, ...] = ()) -> bytes:
    """A table of the folder data with these episodes."""
    rows = np.concatenate([JOINTS[each][:, :width] for each in episodes]).astype(np.float32)
    columns = {
        "observation.state": pa.array(list(rows), pa.list_(pa.float32(), width)),
        "action": pa.array(list(rows + 1), pa.list_(pa.float32(), width)),
        "timestamp": pa.array(
            np.concatenate([np.arange(LENGTHS[each]) / 30 for each in episodes]), pa.float32()
        ),
        "frame_index": pa.array(np.concatenate([np.arange(LENGTHS[each]) for each in episodes])),
        "episode_index": pa.array(np.repeat(episodes, [LENGTHS[each] for each in episodes])),
    }
    buffer = BytesIO()
    kept = {name: each for name, each in columns.items() if name not in without}
    parquet.write_table(pa.table(kept), buffer)
    return buffer.getvalue()


def _dataset(info: dict[str, Any] = INFO) -> bytes:
    buffer = BytesIO()
    with ZipFile(buffer, "w") as packed:
        packed.writestr("scoop/meta/info.json", json.dumps(info))
        packed.writestr("scoop/data/chunk-000/file-000.parquet", _table((0, 1)))
        packed.writestr("scoop/data/chunk-000/file-001.parquet", _table((2,)))
        packed.writestr("scoop/meta/episodes/chunk-000/file-000.parquet", b"not read")
    return buffer.getvalue()


@pytest.mark.parametrize("episode", [0, 1, 2])
def test_episode_of_a_packed_data_set_is_read(episode: int) -> None:
    found = read_motion("scoop.zip", _dataset(), ImportOptions(episode=episode))
    np.testing.assert_allclose(found.recording.joints, JOINTS[episode][:, :7], atol=1e-6)
    np.testing.assert_allclose(found.recording.time_s, np.arange(LENGTHS[episode]) / 30, atol=1e-6)
    assert found.notes == (
        f"Joints of observation.state, episode {episode}.",
        "Left out as the gripper: gripper.",
    )


def test_single_table_is_read() -> None:
    found = read_motion("file-000.parquet", _table((0, 1), width=7), ImportOptions(episode=1))
    np.testing.assert_allclose(found.recording.joints, JOINTS[1][:, :7], atol=1e-6)


def test_actions_stand_in_for_missing_states() -> None:
    found = read_motion("a.parquet", _table((0,), without=("observation.state",)))
    np.testing.assert_allclose(found.recording.joints, JOINTS[0][:, :7] + 1, atol=1e-6)


def test_rate_of_the_data_set_stands_in_for_times() -> None:
    buffer = BytesIO()
    with ZipFile(buffer, "w") as packed:
        packed.writestr("meta/info.json", json.dumps(INFO))
        packed.writestr("data/chunk-000/file-000.parquet", _table((0,), without=("timestamp",)))
    found = read_motion("a.zip", buffer.getvalue())
    np.testing.assert_allclose(found.recording.time_s, np.arange(30) / 30)


def test_missing_episode_names_those_there_are() -> None:
    with pytest.raises(UnusableFile, match=r"episodes 0 to 2, not 7") as refused:
        read_motion("scoop.zip", _dataset(), ImportOptions(episode=7))
    assert refused.value.field == "episode"


@pytest.mark.parametrize(
    ("file", "content", "said"),
    [
        ("a.zip", _dataset({**INFO, "codebase_version": "v2.1"}), "its format is v2.1, not v3"),
        ("a.zip", _dataset({"codebase_version": "v3.0"}), "meta/info.json cannot be read"),
        ("a.parquet", b"PAR1 broken", "it is no Parquet table"),
        ("a.parquet", _table((0,), without=("observation.state", "action")), "no column is called"),
        ("a.parquet", _table((0,), width=6), "column observation.state has 6 entries"),
    ],
)
def test_other_files_are_refused(file: str, content: bytes, said: str) -> None:
    with pytest.raises(UnusableFile, match=said):
        read_motion(file, content)


def test_zip_without_a_data_set_is_refused() -> None:
    buffer = BytesIO()
    with ZipFile(buffer, "w") as packed:
        packed.writestr("notes.txt", "nothing")
    with pytest.raises(UnusableFile, match=r"no meta/info\.json"):
        read_motion("a.zip", buffer.getvalue())
