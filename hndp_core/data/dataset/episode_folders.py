"""Data sets of one folder an episode, with a table of all episodes: the formats CSV and npz."""

import csv
from collections.abc import Callable, Iterator, Mapping
from io import StringIO
from pathlib import Path
from typing import Final

import numpy as np

from hndp_core.data.dataset.episode import FACTS, Episode
from hndp_core.data.dataset.facts_text import from_cells, to_cells
from hndp_core.data.dataset.layout import EmptyDataset, UnreadableDataset, empty_folder, finish_by, put
from hndp_core.errors import HndpError

Pack = Callable[[Mapping[str, np.ndarray], float], bytes]
Unpack = Callable[[bytes], dict[str, np.ndarray]]

INDEX: Final = "episodes.csv"


class EpisodeFolders:
    """Writes episode-000000/record.KIND, start.png and video.mp4, and at last episodes.csv.

    Args:
        folder: empty, or not there yet
        kind: ending of the records' names
        pack: makes a record of an episode's arrays and its rate [Hz]
    """

    def __init__(self, folder: Path, kind: str, pack: Pack) -> None:
        self._folder = empty_folder(folder)
        self._kind = kind
        self._pack = pack
        self._index = StringIO(newline="")
        self._table = csv.writer(self._index, lineterminator="\n")
        self._table.writerow(["folder", "record", *FACTS])
        self._episodes = 0

    def add(self, episode: Episode) -> None:
        name = f"episode-{self._episodes:06d}"
        record = f"record.{self._kind}"
        put(self._folder / name / record, self._pack(episode.arrays(), episode.facts.rate_hz))
        put(self._folder / name / "start.png", episode.start_image)
        put(self._folder / name / "video.mp4", episode.video)
        self._table.writerow([name, record, *to_cells(episode.facts)])
        self._episodes += 1

    def close(self) -> None:
        if not self._episodes:
            raise EmptyDataset
        finish_by(self._folder / INDEX, self._index.getvalue().encode())


def read_folders(folder: Path, kinds: Mapping[str, Unpack]) -> Iterator[Episode]:
    """The episodes that the table names, in its order.

    Args:
        folder: of the data set
        kinds: how the records of each ending are read

    Raises:
        UnreadableDataset: a file is missing or is not what it should be; names it.
    """
    with (folder / INDEX).open(newline="", encoding="utf-8") as index:
        for number, row in enumerate(csv.DictReader(index), start=2):
            try:
                yield _read(folder, row, kinds)
            except (KeyError, ValueError, TypeError, OSError, HndpError) as error:
                raise UnreadableDataset(
                    folder, f"row {number} of {INDEX} cannot be read ({error})"
                ) from error


def _read(folder: Path, row: Mapping[str, str], kinds: Mapping[str, Unpack]) -> Episode:
    place = folder / row["folder"]
    if place.parent != folder:
        raise ValueError(f"{row['folder']!r} is no folder in it")
    kind = row["record"].rpartition(".")[2]
    arrays = kinds[kind]((place / f"record.{kind}").read_bytes())
    return Episode.of_arrays(
        from_cells(row), arrays, (place / "start.png").read_bytes(), (place / "video.mp4").read_bytes()
    )
