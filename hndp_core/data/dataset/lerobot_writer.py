"""LeRobotDataset v3, written episode by episode."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
from pyarrow import parquet

from hndp_core.data.dataset import lerobot_layout as layout
from hndp_core.data.dataset.episode import Episode
from hndp_core.data.dataset.feature_statistics import FeatureStatistics
from hndp_core.data.dataset.layout import FILES_PER_CHUNK, EmptyDataset, empty_folder, finish_by, put
from hndp_core.data.video import VideoFacts, describe_video, resized_video, with_first_frame_twice
from hndp_core.errors import InvalidSetting, ShapeMismatch

_MEASURED: Final = ("observation.state", "action", "hndp.measured")
"""Columns whose statistics are kept beside those of the camera."""


class LeRobotWriter:
    """Writes tables row group by row group, and meta/info.json at last.

    A row is a step that the arm made. A video has a frame for every third step, so a row's nearest frame is
    up to 40 ms away: load with `LeRobotDataset(..., tolerance_s=0.05)`.

    Args:
        folder: empty, or not there yet
    """

    def __init__(self, folder: Path) -> None:
        self._folder = empty_folder(folder)
        self._first: Episode | None = None
        self._video: VideoFacts | None = None
        self._tasks: dict[str, int] = {}
        self._rows = self._episodes = 0
        self._statistics = {name: FeatureStatistics() for name in (*_MEASURED, layout.CAMERA)}
        self._table: parquet.ParquetWriter | None = None
        self._index: parquet.ParquetWriter | None = None

    def add(self, episode: Episode) -> None:
        """Write an episode behind those before.

        Raises:
            ShapeMismatch, InvalidSetting: of another arm, or of another rate than the first one.
            UnreadableVideo: its video is none.
        """
        self._check(episode)
        video = self._fitted(episode.video)
        number, task = self._episodes, self._tasks.setdefault(episode.facts.task, len(self._tasks))
        rows = _rows(episode, number, self._rows, task)
        self._rows_of(number, len(episode.start_joints)).write_table(rows)
        self._episode_table().write_table(_episode_row(episode, number, self._rows, len(rows)))
        chunk, file = layout.place_of(number)
        place = {"chunk_index": chunk, "file_index": file}
        shown = self._folder / layout.VIDEOS.format(video_key=layout.CAMERA, **place)
        put(shown, with_first_frame_twice(video))
        put(self._folder / layout.RECORDINGS.format(**place), episode.video)
        put(self._folder / layout.START_IMAGES.format(**place), episode.start_image)
        for name in _MEASURED:
            self._statistics[name].add(layout.matrix(rows[name]))
        self._statistics[layout.CAMERA].add(describe_video(video).first_frame.reshape(-1, 3) / 255.0)
        self._rows += len(rows)
        self._episodes += 1

    def close(self) -> None:
        """Write what stands for the whole.

        Raises:
            EmptyDataset: no episode was added.
        """
        if self._first is None or self._video is None or self._table is None or self._index is None:
            raise EmptyDataset
        self._table.close()
        self._index.close()
        parquet.write_table(_tasks(list(self._tasks)), self._folder / layout.TASKS)
        put(self._folder / layout.STATS, json.dumps(self._summaries(), indent=4).encode())
        info = self._info(self._first, self._video)
        finish_by(self._folder / layout.INFO, json.dumps(info, indent=4).encode())

    def _check(self, episode: Episode) -> None:
        self._first = self._first or episode
        if episode.start_joints.shape != self._first.start_joints.shape:
            raise ShapeMismatch(
                "start_joints", episode.start_joints.shape, f"{self._first.start_joints.shape}"
            )
        if (rate_hz := episode.facts.rate_hz) != (first_hz := self._first.facts.rate_hz):
            raise InvalidSetting("rate_hz", rate_hz, f"a data set has one rate, here {first_hz:g}")

    def _fitted(self, content: bytes) -> bytes:
        """A video in the size of the first one: batches take no others."""
        video = describe_video(content)
        self._video = self._video or video
        size = self._video.width, self._video.height
        return content if (video.width, video.height) == size else resized_video(content, *size)

    def _rows_of(self, episode: int, dof: int) -> parquet.ParquetWriter:
        """The table that takes an episode's rows: another one after each `EPISODES_PER_TABLE`."""
        if self._table is None or episode % layout.EPISODES_PER_TABLE == 0:
            if self._table is not None:
                self._table.close()
            chunk, file = layout.table_of(episode)
            path = self._folder / layout.DATA.format(chunk_index=chunk, file_index=file)
            path.parent.mkdir(parents=True, exist_ok=True)
            self._table = parquet.ParquetWriter(path, layout.data_schema(dof), compression="snappy")
        return self._table

    def _episode_table(self) -> parquet.ParquetWriter:
        if self._index is None:
            path = self._folder / layout.EPISODES.format(chunk_index=0, file_index=0)
            path.parent.mkdir(parents=True, exist_ok=True)
            self._index = parquet.ParquetWriter(path, layout.episode_schema(), compression="snappy")
        return self._index

    def _summaries(self) -> dict[str, Any]:
        summaries: dict[str, Any] = {name: each.summary() for name, each in self._statistics.items()}
        camera = summaries[layout.CAMERA]
        for name in ("min", "max", "mean", "std"):
            camera[name] = [[[value]] for value in camera[name]]  # channels, height, width
        return summaries

    def _info(self, first: Episode, video: VideoFacts) -> dict[str, Any]:
        rate_hz = first.facts.rate_hz
        return {
            "codebase_version": layout.VERSION,
            "robot_type": "panda",
            "total_episodes": self._episodes,
            "total_frames": self._rows,
            "total_tasks": len(self._tasks),
            "chunks_size": FILES_PER_CHUNK,
            "data_files_size_in_mb": 100,
            "video_files_size_in_mb": 200,
            "fps": int(rate_hz) if rate_hz.is_integer() else rate_hz,
            "splits": {"train": f"0:{self._episodes}"},
            "data_path": layout.DATA,
            "video_path": layout.VIDEOS,
            "features": layout.features(len(first.start_joints), _video_feature(video)),
        }


def _rows(episode: Episode, number: int, first_row: int, task: int) -> pa.Table:
    count, dof = max(len(episode.measured), 1), len(episode.start_joints)
    steps = np.arange(count)
    last = steps == count - 1
    schema = layout.data_schema(dof)
    columns = {
        "observation.state": _vectors(episode.before_step()[:count], np.float32),
        "action": _vectors(episode.streamed()[:count], np.float32),
        "next.done": pa.array(last),
        "next.success": pa.array(last & episode.facts.success),
        "hndp.measured": _vectors(_padded(episode.measured, count), np.float64),
        "hndp.time_s": pa.array(_padded(episode.time_s[:, None], count)[:, 0]),
        "timestamp": pa.array((steps / episode.facts.rate_hz).astype(np.float32)),
        "frame_index": pa.array(steps),
        "episode_index": pa.array(np.full(count, number)),
        "index": pa.array(first_row + steps),
        "task_index": pa.array(np.full(count, task)),
    }
    return pa.Table.from_arrays([columns[name] for name in schema.names], schema=schema)


def _vectors(rows: np.ndarray, kind: type) -> pa.Array:
    flat = pa.array(np.ascontiguousarray(rows, dtype=kind).ravel())
    return pa.FixedSizeListArray.from_arrays(flat, rows.shape[1])


def _padded(rows: np.ndarray, count: int) -> np.ndarray:
    """Rows filled up with NaN."""
    missing = np.full((count - len(rows), rows.shape[1]), np.nan)
    return np.vstack([rows, missing])


def _episode_row(episode: Episode, number: int, first_row: int, rows: int) -> pa.Table:
    schema = layout.episode_schema()
    (table_chunk, table_file), (chunk, file) = layout.table_of(number), layout.place_of(number)
    row: dict[str, Any] = {
        "episode_index": number,
        "tasks": [episode.facts.task],
        "length": rows,
        "data/chunk_index": table_chunk,
        "data/file_index": table_file,
        "dataset_from_index": first_row,
        "dataset_to_index": first_row + rows,
        f"videos/{layout.CAMERA}/chunk_index": chunk,
        f"videos/{layout.CAMERA}/file_index": file,
        f"videos/{layout.CAMERA}/from_timestamp": 0.0,
        f"videos/{layout.CAMERA}/to_timestamp": rows / episode.facts.rate_hz,
        "meta/episodes/chunk_index": 0,
        "meta/episodes/file_index": 0,
        **{f"{layout.OWN}{name}": value for name, value in asdict(episode.facts).items()},
        f"{layout.OWN}start_joints": episode.start_joints.tolist(),
        f"{layout.OWN}state": episode.state.tolist(),
        f"{layout.OWN}slow_down": episode.slow_down,
        f"{layout.OWN}commanded": episode.commanded.ravel().tolist(),
        f"{layout.OWN}measured_steps": len(episode.measured),
    }
    return pa.Table.from_pylist([row], schema=schema)


def _tasks(names: list[str]) -> pa.Table:
    """The table of tasks, whose names pandas, and so LeRobot, takes for the index."""
    text = {"name": "task", "field_name": "task", "pandas_type": "unicode", "numpy_type": "object"}
    number = {"name": "task_index", "field_name": "task_index", "pandas_type": "int64", "numpy_type": "int64"}
    pandas = {
        "index_columns": ["task"],
        "column_indexes": [],
        "columns": [{**number, "metadata": None}, {**text, "metadata": None}],
        "pandas_version": "2.0",
    }
    table = pa.table({"task_index": pa.array(range(len(names)), pa.int64()), "task": pa.array(names)})
    return table.replace_schema_metadata({"pandas": json.dumps(pandas)})


def _video_feature(video: VideoFacts) -> dict[str, Any]:
    return {
        "dtype": "video",
        "shape": [video.height, video.width, 3],
        "names": ["height", "width", "channels"],
        "info": {
            "video.height": video.height,
            "video.width": video.width,
            "video.codec": video.codec,
            "video.pix_fmt": video.pixel_format,
            "video.is_depth_map": False,
            "video.fps": video.frame_rate_hz,
            "video.channels": 3,
            "has_audio": False,
        },
    }
