"""The parts of LeRobot's format that its own package reads."""

import json
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from pyarrow import parquet

from hndp_core.data.dataset import lerobot_layout as layout
from hndp_core.data.dataset import open_writer, read_dataset, same_episode
from hndp_core.data.demonstration_import import ImportOptions, read_motion
from hndp_core.data.video import decode_video, encode_video
from hndp_core.errors import InvalidSetting

from .made_episodes import RATE_HZ, made_episode

EPISODES = [
    made_episode(0, steps=6, label="success"),
    made_episode(1, steps=8, made=3, label=None),
    made_episode(2, steps=4, slow_down=1.5, label="failure"),
]
LENGTHS = [6, 3, 6]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    writer = open_writer("lerobot", tmp_path / "set")
    for each in EPISODES:
        writer.add(each)
    writer.close()
    return tmp_path / "set"


def test_info_counts_what_is_there(folder: Path) -> None:
    info = json.loads((folder / layout.INFO).read_text())
    assert (info["codebase_version"], info["fps"]) == ("v3.0", 50)
    assert (info["total_episodes"], info["total_frames"], info["total_tasks"]) == (3, sum(LENGTHS), 1)
    columns = parquet.read_schema(folder / "data/chunk-000/file-000.parquet").names
    assert {*info["features"]} - {layout.CAMERA} == {*columns}
    assert info["features"][layout.CAMERA]["shape"] == [16, 24, 3]


def test_episodes_follow_one_another_in_the_rows(folder: Path) -> None:
    rows = parquet.read_table(folder / "data/chunk-000/file-000.parquet")
    assert rows["index"].to_pylist() == list(range(sum(LENGTHS)))
    index = parquet.read_table(folder / "meta/episodes/chunk-000/file-000.parquet").to_pylist()
    assert [each["length"] for each in index] == LENGTHS
    assert [each["dataset_from_index"] for each in index] == [0, 6, 9]
    assert [each["dataset_to_index"] for each in index] == [6, 9, 15]
    done = rows["next.done"].to_numpy()
    assert np.flatnonzero(done).tolist() == [5, 8, 14]
    assert np.flatnonzero(rows["next.success"].to_numpy()).tolist() == [5]
    assert np.allclose(rows["timestamp"].to_numpy()[:3], np.arange(3) / RATE_HZ)


def test_a_state_is_what_was_measured_before_its_action(folder: Path) -> None:
    episode = EPISODES[1]  # stopped after 3 of 8 steps
    rows = parquet.read_table(folder / "data/chunk-000/file-000.parquet").slice(6, 3)
    states = np.array(rows["observation.state"].to_pylist())
    assert np.allclose(states[0], episode.start_joints)
    assert np.allclose(states[1:], episode.measured[:-1])
    assert np.allclose(np.array(rows["action"].to_pylist()), episode.commanded[:3])


def test_frames_stand_at_the_time_that_they_show(folder: Path) -> None:
    for number in range(3):
        recorded = decode_video((folder / f"recordings/chunk-000/file-{number:03d}.mp4").read_bytes())
        shown = decode_video(
            (folder / f"videos/{layout.CAMERA}/chunk-000/file-{number:03d}.mp4").read_bytes()
        )
        assert len(shown) == len(recorded) + 1  # the first one was taken a period after the start
        assert all((one == other).all() for one, other in zip(recorded, shown[1:], strict=True))
        assert (shown[0] == recorded[0]).all()


def test_all_videos_have_one_size(tmp_path: Path) -> None:
    """The picture of a plan that was refused is finer than a video."""
    refused = replace(
        made_episode(1, made=0), video=encode_video([np.zeros((32, 48, 3), np.uint8)], Fraction(50, 3))
    )
    writer = open_writer("lerobot", tmp_path / "set")
    for each in (EPISODES[0], refused):
        writer.add(each)
    writer.close()
    file = tmp_path / "set" / f"videos/{layout.CAMERA}/chunk-000/file-001.mp4"
    assert [each.shape for each in decode_video(file.read_bytes())] == [(16, 24, 3)] * 2
    assert same_episode(refused, list(read_dataset(tmp_path / "set"))[1])


def test_statistics_are_those_of_all_rows(folder: Path) -> None:
    stats = json.loads((folder / layout.STATS).read_text())
    actions = np.vstack([each.streamed()[:rows] for each, rows in zip(EPISODES, LENGTHS, strict=True)])
    assert stats["action"]["count"] == [sum(LENGTHS)]
    assert np.allclose(stats["action"]["mean"], actions.mean(axis=0), atol=1e-6)
    assert np.allclose(stats["action"]["std"], actions.std(axis=0), atol=1e-6)
    assert np.allclose(stats["action"]["max"], actions.max(axis=0), atol=1e-6)
    assert np.shape(stats[layout.CAMERA]["mean"]) == (3, 1, 1)


def test_tasks_are_the_index_of_their_table(folder: Path) -> None:
    tasks = parquet.read_table(folder / layout.TASKS).to_pandas()
    assert tasks.iloc[0].name == "scooping@clean"
    assert int(tasks.loc["scooping@clean"].task_index) == 0


def test_labels_gates_and_provenance_are_columns(folder: Path) -> None:
    row = parquet.read_table(folder / "meta/episodes/chunk-000/file-000.parquet").to_pylist()[2]
    assert (row["hndp.label"], row["hndp.gate"], row["hndp.region"]) == ("failure", 1, "R3")
    assert row["hndp.simulated"] is True


def test_rows_are_divided_among_tables(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(layout, "EPISODES_PER_TABLE", 2)
    writer = open_writer("lerobot", tmp_path / "set")
    for each in EPISODES:
        writer.add(each)
    writer.close()
    assert len(list((tmp_path / "set" / "data").glob("*/*.parquet"))) == 2
    assert all(same_episode(*each) for each in zip(EPISODES, read_dataset(tmp_path / "set"), strict=True))


def test_one_rate_for_a_whole_data_set(tmp_path: Path) -> None:
    writer = open_writer("lerobot", tmp_path / "set")
    writer.add(EPISODES[0])
    with pytest.raises(InvalidSetting, match="one rate"):
        writer.add(made_episode(3, rate_hz=20.0))


def test_an_episode_can_be_imported_as_a_motion(folder: Path) -> None:
    table = folder / "data/chunk-000/file-000.parquet"
    motion = read_motion(table.name, table.read_bytes(), ImportOptions(episode=2)).recording
    assert np.allclose(motion.joints, EPISODES[2].before_step(), atol=1e-6)
