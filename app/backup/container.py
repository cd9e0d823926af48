"""Where a backup lies: a folder, or one zip file."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import IO, Final, Protocol
from zipfile import ZIP_STORED, BadZipFile, ZipFile

from app.platform.errors import StartUpError
from hndp_core.data.artefact_store import PIECE_BYTES

ZIP: Final = ".zip"


class UnusableBackup(StartUpError):
    """Nothing can be restored from this; nothing was changed."""


class Target(StartUpError):
    """The backup cannot be written there."""


@dataclass(frozen=True)
class Entry:
    """A file of a backup."""

    sha256: str
    size: int


class Writer(Protocol):
    """Takes the files of a backup."""

    def put(self, name: str, source: IO[bytes]) -> Entry: ...


class Reader(Protocol):
    """Gives the files of a backup."""

    def names(self) -> set[str]: ...

    def open(self, name: str) -> IO[bytes]: ...


@contextmanager
def writing(target: Path) -> Iterator[Writer]:
    """Write a backup; one that fails leaves nothing of that name.

    Raises:
        Target: there is something already.
    """
    if target.exists() and (target.is_file() or any(target.iterdir())):
        raise Target(f"{target} exists: name a new folder, or a new file that ends in {ZIP}.")
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.with_name(f".{target.name}.draft")
    _remove(draft)
    try:
        if target.suffix == ZIP:
            with ZipFile(draft, "w", ZIP_STORED) as packed:
                yield _ZipWriter(packed)
        else:
            yield _FolderWriter(draft)
            if target.exists():
                target.rmdir()
        os.replace(draft, target)
    finally:
        _remove(draft)


@contextmanager
def reading(source: Path) -> Iterator[Reader]:
    """
    Raises:
        UnusableBackup: there is no folder and no whole zip file.
    """
    if source.is_dir():
        yield _FolderReader(source)
        return
    try:
        with ZipFile(source) as packed:
            yield _ZipReader(packed)
    except (BadZipFile, FileNotFoundError) as error:
        raise UnusableBackup(f"{source} is no folder and no whole zip file: name a backup.") from error


def copied(source: IO[bytes], write: Callable[[bytes], object]) -> Entry:
    """Copy piece by piece, and tell what it was."""
    digest, size = sha256(), 0
    while piece := source.read(PIECE_BYTES):
        write(piece)
        digest.update(piece)
        size += len(piece)
    return Entry(digest.hexdigest(), size)


class _FolderWriter:
    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, name: str, source: IO[bytes]) -> Entry:
        file = self._folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("wb") as copy:
            entry = copied(source, copy.write)
            copy.flush()
            os.fsync(copy.fileno())
        return entry


class _ZipWriter:
    def __init__(self, packed: ZipFile) -> None:
        self._packed = packed

    def put(self, name: str, source: IO[bytes]) -> Entry:
        with self._packed.open(name, "w", force_zip64=True) as copy:
            return copied(source, copy.write)


class _FolderReader:
    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def names(self) -> set[str]:
        return {str(each.relative_to(self._folder)) for each in self._folder.rglob("*") if each.is_file()}

    def open(self, name: str) -> IO[bytes]:
        return (self._folder / name).open("rb")


class _ZipReader:
    def __init__(self, packed: ZipFile) -> None:
        self._packed = packed

    def names(self) -> set[str]:
        return {each for each in self._packed.namelist() if not each.endswith("/")}

    def open(self, name: str) -> IO[bytes]:
        return self._packed.open(name)


def _remove(draft: Path) -> None:
    if draft.is_dir():
        shutil.rmtree(draft)
    draft.unlink(missing_ok=True)
