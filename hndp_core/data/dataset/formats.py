"""The formats of data sets, each with its writer and its reader."""

from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from hndp_core.data.dataset.episode import Episode
from hndp_core.data.dataset.episode_folders import EpisodeFolders, read_folders
from hndp_core.data.dataset.format_names import FORMATS
from hndp_core.data.dataset.layout import UnreadableDataset
from hndp_core.data.dataset.record_table import pack_table, unpack_table
from hndp_core.data.trajectory import pack_arrays, unpack_arrays
from hndp_core.errors import UnknownName


class DatasetWriter(Protocol):
    """Takes one episode after another and keeps none of them in memory."""

    def add(self, episode: Episode) -> None:
        """Write an episode behind those before."""
        ...

    def close(self) -> None:
        """Write what stands for the whole. A data set that was not closed is none.

        Raises:
            EmptyDataset: no episode was added.
        """
        ...


def open_writer(format_name: str, folder: Path) -> DatasetWriter:
    """Begin a data set in an empty folder.

    Raises:
        UnknownName: no such format.
        OccupiedFolder: the folder holds something.
    """
    match format_name:
        case "lerobot":
            from hndp_core.data.dataset.lerobot_writer import LeRobotWriter  # loads pyarrow and PyAV

            return LeRobotWriter(folder)
        case "csv":
            return EpisodeFolders(folder, "csv", pack_table)
        case "npz":
            return EpisodeFolders(folder, "npz", lambda arrays, _rate_hz: pack_arrays(arrays))
        case _:
            raise UnknownName("format", format_name, FORMATS)


def read_dataset(folder: Path) -> Iterator[Episode]:
    """The episodes of a data set that this project wrote, in any of its formats, one after another.

    Raises:
        UnreadableDataset: no such data set, or a damaged one.
    """
    if (folder / "meta" / "info.json").is_file():
        from hndp_core.data.dataset.lerobot_reader import read_lerobot_folder  # loads pyarrow

        return read_lerobot_folder(folder)
    if (folder / "episodes.csv").is_file():
        return read_folders(folder, {"csv": unpack_table, "npz": unpack_arrays})
    raise UnreadableDataset(folder, "there is neither meta/info.json nor episodes.csv in it")
