"""What the folders of all formats have in common, and what can be wrong with one."""

import os
from pathlib import Path
from typing import Final

from hndp_core.errors import HndpError

FILES_PER_CHUNK: Final = 1000


class EmptyDataset(HndpError, ValueError):
    """Nothing to write: a data set holds at least one episode."""

    def __init__(self) -> None:
        super().__init__("There is no episode to export: choose more demonstrations or trials.")


class OccupiedFolder(HndpError):
    """A folder that holds something, which a data set would be mixed with."""

    def __init__(self, folder: Path) -> None:
        super().__init__(f"{folder} is not empty: name a new folder, or empty this one.")


class UnreadableDataset(HndpError):
    """A folder that is no data set of this project, or a damaged one."""

    def __init__(self, folder: Path, problem: str) -> None:
        super().__init__(f"{folder}: {problem}. Name the folder of a data set that `hndp export` wrote.")


def empty_folder(folder: Path) -> Path:
    """Make a folder, unless it is there and empty.

    Raises:
        OccupiedFolder: it holds something.
    """
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise OccupiedFolder(folder)
    return folder


def put(file: Path, content: bytes) -> None:
    """Write a file and the folders above it."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)


def finish_by(file: Path, content: bytes) -> None:
    """Write the file that makes a data set whole: it is there altogether or not at all."""
    draft = file.with_name(f".{file.name}.draft")
    put(draft, content)
    os.replace(draft, file)
