"""Episodes of LeRobot data sets, format v3: Parquet tables that hold many episodes each."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import PurePosixPath
from typing import Any, Final
from zipfile import BadZipFile, ZipFile

import numpy as np
from jaxtyping import Float64

from hndp_core.data.demonstration_import.imported_motion import (
    DOF,
    ImportedMotion,
    UnusableFile,
    motion_of,
)

JOINT_COLUMNS: Final = ("observation.state", "action")
"""In this order: the state is measured, while an action may be anything that a policy puts out."""

MOST_BYTES: Final = 512 * 1024 * 1024
"""Of the tables of a packed data set, unpacked."""

_VERSION: Final = "v3."

_Samples = tuple[Float64[np.ndarray, "samples dof"], Float64[np.ndarray, " samples"] | None, tuple[str, ...]]
"""Joints, times and notes."""


@dataclass(frozen=True)
class _Facts:
    """What meta/info.json says."""

    rate_hz: float | None = None
    names: Mapping[str, list[str]] = field(default_factory=dict)
    """Names of the entries of a column, where they are told."""


def read_lerobot(file: str, content: bytes, episode: int, rate_hz: float | None) -> ImportedMotion:
    """Read one episode: from a table of the folder `data`, or from a zip file of the whole data set.

    An eighth entry is taken for the gripper and left out. Of a zip file only meta/info.json and the tables in
    `data` are read.

    Raises:
        UnusableFile: another format, no such episode, or no column of seven joints.
    """
    if file.lower().endswith(".zip"):
        facts, tables = _unzipped(file, content)
    else:
        facts, tables = _Facts(), iter([(file, content)])
    seen: set[int] = set()
    for name, table in tables:
        found = _episode(name, table, episode, facts, seen)
        if found is not None:
            joints, time_s, notes = found
            return motion_of(name, joints, time_s, rate_hz or facts.rate_hz, notes)
    there = f"episodes {min(seen)} to {max(seen)}" if seen else "no episodes"
    raise UnusableFile(
        file, f"it has {there}, not {episode}", "Choose one of them, counted from 0.", field="episode"
    )


def _unzipped(file: str, content: bytes) -> tuple[_Facts, Iterator[tuple[str, bytes]]]:
    try:
        packed = ZipFile(BytesIO(content))
    except BadZipFile as error:
        raise UnusableFile(file, "it is no whole zip file", "Pack and choose it again.") from error
    names = sorted(packed.namelist())
    info = next((each for each in names if PurePosixPath(each).parts[-2:] == ("meta", "info.json")), None)
    if info is None:
        raise UnusableFile(
            file, "there is no meta/info.json in it", "Pack the folder of a LeRobot data set, format v3."
        )
    root = PurePosixPath(info).parts[:-2]
    data = [
        each
        for each in names
        if PurePosixPath(each).parts[: len(root) + 1] == (*root, "data") and each.endswith(".parquet")
    ]
    if sum(packed.getinfo(each).file_size for each in [info, *data]) > MOST_BYTES:
        raise UnusableFile(
            file, "its tables are larger than half a gigabyte", "Choose the one table that holds the episode."
        )
    facts = _facts(file, packed.read(info))
    return facts, ((f"{file}/{each}", packed.read(each)) for each in data)


def _facts(file: str, content: bytes) -> _Facts:
    try:
        info: dict[str, Any] = json.loads(content)
        version = str(info["codebase_version"])
        features: dict[str, Any] = info.get("features", {})
        rate_hz = float(info["fps"])
    except (ValueError, KeyError, TypeError) as error:
        raise UnusableFile(
            file, f"meta/info.json cannot be read ({error!r})", "Pack the data set again."
        ) from error
    if not version.startswith(_VERSION):
        raise UnusableFile(
            file,
            f"its format is {version}, not v3",
            "Convert the data set by LeRobot's own convert_dataset_v21_to_v30.",
        )
    return _Facts(rate_hz, {name: _names(features[name]) for name in JOINT_COLUMNS if name in features})


def _names(feature: Mapping[str, Any]) -> list[str]:
    names = feature.get("names") or []
    listed = next(iter(names.values()), []) if isinstance(names, dict) else names
    return [str(each) for each in listed]


def _episode(
    file: str, content: bytes, episode: int, facts: _Facts, seen: set[int]
) -> (
    tuple[Float64[np.ndarray, "samples dof"], Float64[np.ndarray, " samples"] | None, tuple[str, ...]] | None
):
    """Joints, times and notes of an episode; None where the table has others, which are then seen."""
    from pyarrow import ArrowInvalid, parquet  # heavy, and only this format needs it

    try:
        table = parquet.ParquetFile(BytesIO(content))
        names = table.schema_arrow.names
        column = next((each for each in JOINT_COLUMNS if each in names), None)
        if column is None:
            raise UnusableFile(
                file,
                f"no column is called {' or '.join(JOINT_COLUMNS)} (it has {', '.join(names)})",
                "Choose a table of the folder data of a LeRobot data set, format v3.",
            )
        wanted = [column, *(each for each in ("timestamp", "episode_index") if each in names)]
        rows = table.read(wanted)
    except ArrowInvalid as error:
        raise UnusableFile(file, "it is no Parquet table", "Choose a file of the folder data.") from error
    numbers = rows["episode_index"].to_numpy() if "episode_index" in names else np.zeros(len(rows), np.int64)
    seen.update(int(each) for each in np.unique(numbers))
    chosen = numbers == episode
    if not chosen.any():
        return None
    joints, notes = _joints(
        file, column, rows[column].filter(chosen).to_pylist(), facts.names.get(column, [])
    )
    times = rows["timestamp"].to_numpy()[chosen].astype(np.float64) if "timestamp" in names else None
    return joints, times, (f"Joints of {column}, episode {episode}.", *notes)


def _joints(
    file: str, column: str, rows: list[list[float]], names: list[str]
) -> tuple[Float64[np.ndarray, "samples dof"], tuple[str, ...]]:
    widths = {len(each) if isinstance(each, list) else 1 for each in rows}
    if widths == {DOF}:
        return np.array(rows, dtype=np.float64), ()
    if widths == {DOF + 1}:
        gripper = names[DOF] if len(names) == DOF + 1 else "the eighth entry"
        return np.array(rows, dtype=np.float64)[:, :DOF], (f"Left out as the gripper: {gripper}.",)
    told = f" ({', '.join(names)})" if names else ""
    raise UnusableFile(
        file,
        f"column {column} has {', '.join(map(str, sorted(widths)))} entries{told}",
        f"It takes the {DOF} joints of the arm, with a gripper behind them at most.",
    )
