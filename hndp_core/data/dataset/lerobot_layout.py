"""What a LeRobotDataset v3 consists of: its places, its features and the columns that this project adds.

Source: the format as the package lerobot 0.4 reads and writes it (codebase version v3.0).
"""

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import pyarrow as pa
from jaxtyping import Float64

from hndp_core.data.dataset.facts_text import fact_kinds
from hndp_core.data.dataset.layout import FILES_PER_CHUNK

VERSION: Final = "v3.0"
CAMERA: Final = "observation.images.front"

INFO: Final = "meta/info.json"
STATS: Final = "meta/stats.json"
TASKS: Final = "meta/tasks.parquet"
EPISODES: Final = "meta/episodes/chunk-{chunk_index:03d}/file-{file_index:03d}.parquet"
DATA: Final = "data/chunk-{chunk_index:03d}/file-{file_index:03d}.parquet"
VIDEOS: Final = "videos/{video_key}/chunk-{chunk_index:03d}/file-{file_index:03d}.mp4"
RECORDINGS: Final = "recordings/chunk-{chunk_index:03d}/file-{file_index:03d}.mp4"
"""No part of LeRobot's format: the videos as they were recorded."""
START_IMAGES: Final = "start_images/chunk-{chunk_index:03d}/file-{file_index:03d}.png"
"""No part of LeRobot's format, which leaves them alone: the policy's images, bit by bit."""

EPISODES_PER_TABLE: Final = 500
"""About 60 MB of rows; LeRobot's own tables end at 100 MB."""

OWN: Final = "hndp."
"""Begins the names of the columns that this project adds."""

EXACT: Final = ("hndp.measured", "hndp.time_s")
"""Columns in double precision; the standard ones are single, as is usual there."""

_FACT_TYPES: Final = {str: pa.string(), int: pa.int64(), float: pa.float64(), bool: pa.bool_()}


def matrix(column: pa.ChunkedArray) -> Float64[np.ndarray, "rows width"]:
    """The numbers of a column, one row for each of its entries."""
    values = column.combine_chunks()
    if isinstance(values, pa.ChunkedArray):
        values = values.chunk(0)
    rows = len(values)
    flat = values.flatten() if pa.types.is_fixed_size_list(values.type) else values
    return flat.to_numpy(zero_copy_only=False).astype(np.float64).reshape(rows, -1)


def place_of(episode: int) -> tuple[int, int]:
    """Chunk and file of an episode's video."""
    return divmod(episode, FILES_PER_CHUNK)


def table_of(episode: int) -> tuple[int, int]:
    """Chunk and file of the table that holds an episode's rows."""
    return divmod(episode // EPISODES_PER_TABLE, FILES_PER_CHUNK)


def data_schema(dof: int) -> pa.Schema:
    """Columns of a row for each control step; the video is no column, it lies beside."""
    joints, exact = pa.list_(pa.float32(), dof), pa.list_(pa.float64(), dof)
    return pa.schema(
        {
            "observation.state": joints,
            "action": joints,
            "next.done": pa.bool_(),
            "next.success": pa.bool_(),
            "hndp.measured": exact,
            "hndp.time_s": pa.float64(),
            "timestamp": pa.float32(),
            "frame_index": pa.int64(),
            "episode_index": pa.int64(),
            "index": pa.int64(),
            "task_index": pa.int64(),
        }
    )


def episode_schema() -> pa.Schema:
    """Columns of a row for each episode: LeRobot's, then the facts and arrays of this project."""
    whole = pa.int64()
    standard = {
        "episode_index": whole,
        "tasks": pa.list_(pa.string()),
        "length": whole,
        "data/chunk_index": whole,
        "data/file_index": whole,
        "dataset_from_index": whole,
        "dataset_to_index": whole,
        f"videos/{CAMERA}/chunk_index": whole,
        f"videos/{CAMERA}/file_index": whole,
        f"videos/{CAMERA}/from_timestamp": pa.float64(),
        f"videos/{CAMERA}/to_timestamp": pa.float64(),
        "meta/episodes/chunk_index": whole,
        "meta/episodes/file_index": whole,
    }
    facts = {f"{OWN}{name}": _FACT_TYPES[kind] for name, kind in fact_kinds().items()}
    numbers = pa.list_(pa.float64())
    arrays = {
        f"{OWN}start_joints": numbers,
        f"{OWN}state": numbers,
        f"{OWN}slow_down": pa.float64(),
        f"{OWN}commanded": numbers,
        f"{OWN}measured_steps": whole,
    }
    return pa.schema({**standard, **facts, **arrays})


def features(dof: int, video: Mapping[str, Any]) -> dict[str, Any]:
    """What meta/info.json says of each column, and of the video."""
    joints = [f"joint_{each}" for each in range(1, dof + 1)]
    vectors = {
        name: {"dtype": kind, "shape": [dof], "names": joints}
        for name, kind in (
            ("observation.state", "float32"),
            ("action", "float32"),
            ("hndp.measured", "float64"),
        )
    }
    scalars = {
        name: {"dtype": kind, "shape": [1], "names": None}
        for name, kind in (
            ("next.done", "bool"),
            ("next.success", "bool"),
            ("hndp.time_s", "float64"),
            ("timestamp", "float32"),
            ("frame_index", "int64"),
            ("episode_index", "int64"),
            ("index", "int64"),
            ("task_index", "int64"),
        )
    }
    return {**vectors, CAMERA: dict(video), **scalars}
