"""Artefacts by key: written whole or not at all, and known by their hash."""

import errno
import os
import re
import uuid
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import fsspec

from hndp_core.errors import HndpError, StorageFull

_KEY = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]*(/[A-Za-z0-9_-][A-Za-z0-9._-]*)*")
_NO_ROOM = {errno.ENOSPC, errno.EDQUOT}


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
            with suppress(OSError):
                self._files.rm_file(draft)
            if isinstance(error, OSError) and error.errno in _NO_ROOM:
                raise StorageFull(key) from error
            raise
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
