"""Artefacts by key: written whole or not at all, and known by their hash."""

import errno
import os
import re
import uuid
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import IO, Final, NoReturn

import fsspec

from hndp_core.errors import HndpError, StorageFull

_KEY = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*")
_NO_ROOM = {errno.ENOSPC, errno.EDQUOT}

PIECE_BYTES: Final = 1024 * 1024
"""Large files go through the memory in pieces of this size."""


class BadArtefactKey(HndpError, ValueError):
    """A key that could lead out of the store."""

    def __init__(self, key: str) -> None:
        super().__init__(
            f"{key!r} is not an artefact key: use letters, digits, '.', '_' and '-' in parts divided by '/', "
            "none of them starting with '.'."
        )


class MissingArtefact(HndpError, LookupError):
    """A key under which nothing is stored."""

    def __init__(self, key: str) -> None:
        super().__init__(f"There is no artefact {key!r}: restore it from a backup, or make it again.")


class DamagedArtefact(HndpError):
    """An artefact whose bytes are not those that were stored."""

    def __init__(self, key: str) -> None:
        super().__init__(f"Artefact {key!r} does not match its hash: restore it from a backup.")


@dataclass(frozen=True)
class Artefact:
    """What was stored.

    Attributes:
        key: where, relative to the store.
        sha256: hash of the bytes, in hex.
        size: number of bytes.
    """

    key: str
    sha256: str
    size: int


class ArtefactStore:
    """Files under one root: a folder, or any other place that fsspec can reach."""

    def __init__(self, root: str | Path) -> None:
        """Open a store at a folder or an fsspec URL; the folder is made when first written to."""
        self._files, self._root = fsspec.url_to_fs(str(root))
        self._root = self._root.rstrip("/")
        self._local = "file" in self._files.protocol

    def write(self, key: str, content: bytes) -> Artefact:
        """Store bytes, replacing what was there; a reader sees the old or the new, never a part.

        Raises:
            BadArtefactKey: the key does not name a place in the store.
            StorageFull: no room; nothing of the content remains.
        """
        target = self._place(key)
        folder = target.rpartition("/")[0]
        draft = f"{folder}/.{uuid.uuid4().hex}.draft"
        try:
            self._files.makedirs(folder, exist_ok=True)
            self._write_through(draft, content)
            self._replace(draft, target)
        except BaseException as error:
            self._give_up(key, draft, error)
        return Artefact(key, sha256(content).hexdigest(), len(content))

    def read(self, key: str, expected_sha256: str | None = None) -> bytes:
        """Return the stored bytes.

        Raises:
            MissingArtefact: nothing is stored there.
            DamagedArtefact: the bytes do not have the expected hash.
        """
        try:
            content = self._files.cat_file(self._place(key))
        except FileNotFoundError:
            raise MissingArtefact(key) from None
        if expected_sha256 is not None and sha256(content).hexdigest() != expected_sha256:
            raise DamagedArtefact(key)
        return content

    def write_from(self, key: str, source: IO[bytes]) -> Artefact:
        """Store the rest of an open file without holding it in memory; see `write`."""
        target = self._place(key)
        folder = target.rpartition("/")[0]
        draft = f"{folder}/.{uuid.uuid4().hex}.draft"
        digest, size = sha256(), 0
        try:
            self._files.makedirs(folder, exist_ok=True)
            with self._files.open(draft, "wb") as copy:
                while piece := source.read(PIECE_BYTES):
                    copy.write(piece)
                    digest.update(piece)
                    size += len(piece)
                copy.flush()
                if self._local:
                    os.fsync(copy.fileno())
            self._replace(draft, target)
        except BaseException as error:
            self._give_up(key, draft, error)
        return Artefact(key, digest.hexdigest(), size)

    def open(self, key: str) -> IO[bytes]:
        """Open an artefact for reading piece by piece; the caller closes it.

        Raises:
            MissingArtefact: nothing is stored there.
        """
        try:
            return self._files.open(self._place(key), "rb")
        except FileNotFoundError:
            raise MissingArtefact(key) from None

    def keys(self, folder: str) -> list[str]:
        """All keys that begin with `folder/`, sorted."""
        place = self._place(folder)
        return sorted(each.removeprefix(f"{self._root}/") for each in self._files.find(place))

    def all_keys(self) -> list[str]:
        """Every key of the store, sorted; drafts of a write under way have none."""
        found = (each.removeprefix(f"{self._root}/") for each in self._files.find(self._root))
        return sorted(each for each in found if _KEY.fullmatch(each))

    def size(self, key: str) -> int:
        """Number of bytes under a key.

        Raises:
            MissingArtefact: nothing is stored there.
        """
        try:
            return int(self._files.size(self._place(key)) or 0)
        except FileNotFoundError:
            raise MissingArtefact(key) from None

    def move(self, old: str, new: str) -> None:
        """Store under another key what was stored under the first.

        Raises:
            MissingArtefact: nothing is stored under the old key.
        """
        source, target = self._place(old), self._place(new)
        self._files.makedirs(target.rpartition("/")[0], exist_ok=True)
        if not self.exists(old):
            raise MissingArtefact(old)
        self._replace(source, target)

    def delete_folder(self, folder: str) -> None:
        """Remove every key that begins with `folder/`, and the folder."""
        with suppress(FileNotFoundError):
            self._files.rm(self._place(folder), recursive=True)

    def exists(self, key: str) -> bool:
        """Return whether something is stored under the key."""
        return self._files.isfile(self._place(key))

    def delete(self, key: str) -> None:
        """Remove an artefact; removing what is not there changes nothing."""
        with suppress(FileNotFoundError):
            self._files.rm_file(self._place(key))

    def local_path(self, key: str) -> Path | None:
        """Return the file of a key where the store is a folder, for serving without a copy; else None."""
        place = self._place(key)
        return Path(place) if self._local else None

    def _place(self, key: str) -> str:
        if not _KEY.fullmatch(key):
            raise BadArtefactKey(key)
        return f"{self._root}/{key}"

    def _give_up(self, key: str, draft: str, error: BaseException) -> NoReturn:
        """Remove what was written, and say why."""
        with suppress(OSError):
            self._files.rm_file(draft)
        if isinstance(error, OSError) and error.errno in _NO_ROOM:
            raise StorageFull(key) from error
        raise error

    def _write_through(self, path: str, content: bytes) -> None:
        with self._files.open(path, "wb") as file:
            file.write(content)
            file.flush()
            if self._local:
                os.fsync(file.fileno())

    def _replace(self, draft: str, target: str) -> None:
        if not self._local:
            self._files.mv(draft, target)
            return
        os.replace(draft, target)
        folder = os.open(os.path.dirname(target), os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
