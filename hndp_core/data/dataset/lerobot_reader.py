"""The way back from a LeRobotDataset v3 that this project wrote: the same episodes, bit by bit."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from pyarrow import ArrowInvalid, parquet

from hndp_core.data.dataset import lerobot_layout as layout
from hndp_core.data.dataset.episode import FACTS, Episode, EpisodeFacts
from hndp_core.data.dataset.layout import UnreadableDataset
from hndp_core.errors import HndpError


def read_lerobot_folder(folder: Path) -> Iterator[Episode]:
    """The episodes in their order; one at a time is in memory.

    Raises:
        UnreadableDataset: another version, a data set of another tool, or a damaged one.
    """
    try:
        version = json.loads((folder / layout.INFO).read_bytes())["codebase_version"]
        tables = sorted((folder / "meta" / "episodes").glob("*/*.parquet"))
        if version != layout.VERSION or not tables:
            raise UnreadableDataset(folder, f"its version is {version}, not {layout.VERSION}")
        for table in tables:
            with parquet.ParquetFile(table) as index:
                for batch in index.iter_batches(batch_size=64):
                    for row in batch.to_pylist():
                        yield _episode(folder, row)
    except (OSError, ValueError, KeyError, TypeError, ArrowInvalid) as error:
        if isinstance(error, HndpError):
            raise
        raise UnreadableDataset(folder, f"it cannot be read ({error!r})") from error


def _episode(folder: Path, row: dict[str, Any]) -> Episode:
    facts = EpisodeFacts(**{name: row[f"{layout.OWN}{name}"] for name in FACTS})
    place = {
        "chunk_index": row[f"videos/{layout.CAMERA}/chunk_index"],
        "file_index": row[f"videos/{layout.CAMERA}/file_index"],
    }
    rows = _exact_rows(folder, row)
    start = np.array(row[f"{layout.OWN}start_joints"], dtype=np.float64)
    measured = row[f"{layout.OWN}measured_steps"]
    return Episode(
        facts=facts,
        start_joints=start,
        state=np.array(row[f"{layout.OWN}state"], dtype=np.float64),
        commanded=np.array(row[f"{layout.OWN}commanded"], dtype=np.float64).reshape(-1, len(start)),
        measured=rows["hndp.measured"][:measured],
        time_s=rows["hndp.time_s"][:measured],
        slow_down=row[f"{layout.OWN}slow_down"],
        start_image=(folder / layout.START_IMAGES.format(**place)).read_bytes(),
        video=(folder / layout.RECORDINGS.format(**place)).read_bytes(),
    )


def _exact_rows(folder: Path, row: dict[str, Any]) -> dict[str, np.ndarray]:
    """The columns in double precision of one episode."""
    table = folder / layout.DATA.format(
        chunk_index=row["data/chunk_index"], file_index=row["data/file_index"]
    )
    episode = row["episode_index"]
    with parquet.ParquetFile(table) as file:
        groups = [
            each for each in range(file.num_row_groups) if _holds(file.metadata.row_group(each), episode)
        ]
        found = file.read_row_groups(groups, [*layout.EXACT, "episode_index"])
    chosen = found["episode_index"].to_numpy() == episode
    if int(chosen.sum()) != row["length"]:
        raise UnreadableDataset(folder, f"episode {episode} has {chosen.sum()} rows, not {row['length']}")
    rows = found.filter(chosen)
    exact = {name: layout.matrix(rows[name]) for name in layout.EXACT}
    return {**exact, "hndp.time_s": exact["hndp.time_s"][:, 0]}


def _holds(group: Any, episode: int) -> bool:
    """Whether a row group may hold rows of an episode, by its statistics."""
    statistics = group.column(_leaf(group, "episode_index")).statistics
    return statistics is None or statistics.min <= episode <= statistics.max


def _leaf(group: Any, name: str) -> int:
    return next(each for each in range(group.num_columns) if group.column(each).path_in_schema == name)
