"""Which format a file has, and with what it is read."""

import math
from dataclasses import dataclass
from pathlib import PurePath
from typing import Final

from hndp_core.data.demonstration_import.csv_table import read_csv
from hndp_core.data.demonstration_import.imported_motion import ImportedMotion, UnusableFile
from hndp_core.data.demonstration_import.lerobot import read_lerobot
from hndp_core.data.demonstration_import.npz import read_npz
from hndp_core.errors import InvalidSetting

FILE_KINDS: Final = (".csv", ".txt", ".npz", ".parquet", ".zip")
"""Ends of the file names that are read."""


@dataclass(frozen=True)
class ImportOptions:
    """What a file itself may not say.

    Raises:
        InvalidSetting: a value out of range.
    """

    rate_hz: float | None = None
    """Samples a second, where the file has no time stamps."""
    episode: int = 0
    """Which episode of a file that holds several, counted from 0."""

    def __post_init__(self) -> None:
        if self.rate_hz is not None and not (math.isfinite(self.rate_hz) and self.rate_hz > 0):
            raise InvalidSetting("rate_hz", self.rate_hz, "use a number of samples a second above zero")
        if self.episode < 0:
            raise InvalidSetting("episode", self.episode, "count the episodes from 0")


def read_motion(file: str, content: bytes, options: ImportOptions | None = None) -> ImportedMotion:
    """Read one motion of seven joints from a file of any kind in `FILE_KINDS`.

    Args:
        file: its name, which tells its kind.
        content: its bytes.
        options: what it does not say itself.

    Raises:
        UnusableFile: names the file, the place in it, and the remedy.
    """
    chosen = options or ImportOptions()
    if not content:
        raise UnusableFile(file, "it is empty", "Choose another file.")
    match PurePath(file).suffix.lower():
        case ".csv" | ".txt":
            return read_csv(file, content, chosen.rate_hz)
        case ".npz":
            return read_npz(file, content, chosen.rate_hz)
        case ".parquet" | ".zip":
            return read_lerobot(file, content, chosen.episode, chosen.rate_hz)
        case _:
            kinds = ", ".join(FILE_KINDS)
            raise UnusableFile(file, "this kind of file is not known", f"Choose one that ends in {kinds}.")
