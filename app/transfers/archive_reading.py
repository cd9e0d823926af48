"""An archive that was checked from end to end before anything of it is used."""

from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import IO, Any, Final
from zipfile import BadZipFile, ZipFile

from sqlalchemy import Table

from app.platform.migration import known_revisions
from app.platform.schema import metadata
from app.transfers.archive_layout import (
    ARTEFACTS,
    FOLDERS,
    MANIFEST,
    NOT_WHOLE,
    ROWS,
    Manifest,
    UnusableArchive,
    row_from_json,
)
from hndp_core.data.artefact_store import PIECE_BYTES

_MOST_MANIFEST_BYTES: Final = 64 * 1024 * 1024
_MOST_ROW_BYTES: Final = 1024 * 1024 * 1024

Rows = dict[str, list[dict[str, Any]]]
"""By table."""


class Archive:
    """The contents of an archive whose every byte has the hash that its manifest names."""

    def __init__(self, packed: ZipFile, manifest: Manifest) -> None:
        self._packed = packed
        self.manifest = manifest

    def rows(self) -> Rows:
        """All rows, as they were.

        Raises:
            UnusableArchive: a table or a column that is not known here.
        """
        rows: Rows = {}
        for name in self.manifest.files:
            if name.startswith("rows/"):
                table = _table(name)
                with self._packed.open(name) as lines:
                    rows[table.name] = [row_from_json(table, line) for line in lines]
        return rows

    def artefacts(self) -> list[str]:
        """Keys of all artefacts, as they were."""
        return [each.removeprefix(ARTEFACTS) for each in self.manifest.files if each.startswith(ARTEFACTS)]

    def open(self, key: str) -> IO[bytes]:
        """Open an artefact; the caller closes it."""
        return self._packed.open(f"{ARTEFACTS}{key}")


@contextmanager
def open_archive(file: Path) -> Iterator[Archive]:
    """Check an archive and open it.

    Raises:
        UnusableArchive: no archive, a damaged one, or one of a newer version; says which.
    """
    try:
        with ZipFile(file) as packed:
            manifest = read_manifest(packed)
            if manifest.schema not in known_revisions():
                raise UnusableArchive(
                    "This archive was made by a newer version of H-NDP Studio (its revision "
                    f"{manifest.schema} is unknown here). Update the studio, then restore it."
                )
            _check(packed, manifest)
            yield Archive(packed, manifest)
    except BadZipFile as error:
        raise UnusableArchive(NOT_WHOLE) from error


def read_manifest(packed: ZipFile) -> Manifest:
    """
    Raises:
        UnusableArchive: there is none that can be read, or it unpacks to more than any has.
    """
    try:
        info = packed.getinfo(MANIFEST)
    except KeyError as error:
        raise UnusableArchive(NOT_WHOLE) from error
    if info.file_size > _MOST_MANIFEST_BYTES:
        raise UnusableArchive("The archive's manifest is too large to be true.")
    return Manifest.from_bytes(packed.read(info))


def _check(packed: ZipFile, manifest: Manifest) -> None:
    there = {each.filename: each for each in packed.infolist()}
    if len(there) != len(packed.infolist()) or there.keys() != {*manifest.files, MANIFEST}:
        odd = sorted({*there, MANIFEST} ^ {*manifest.files, MANIFEST})
        raise UnusableArchive(f"The archive does not hold what its manifest says ({', '.join(odd[:3])}).")
    for name, entry in manifest.files.items():
        if there[name].file_size != entry.size or (name.startswith("rows/") and entry.size > _MOST_ROW_BYTES):
            raise UnusableArchive(f"{name} in the archive has another size than its manifest says.")
        if name.startswith("rows/"):
            _table(name)
        elif not _is_artefact(name):
            raise UnusableArchive(f"{name} does not belong into an archive.")
        digest = sha256()
        with packed.open(name) as content:
            while piece := content.read(PIECE_BYTES):
                digest.update(piece)
        if digest.hexdigest() != entry.sha256:
            raise UnusableArchive(f"{name} in the archive is damaged: copy the archive again.")


def _table(name: str) -> Table:
    table = metadata.tables.get(name.removeprefix("rows/").removesuffix(".jsonl"))
    if table is None or name != ROWS.format(table=table.name):
        raise UnusableArchive(f"{name} in the archive is not known here: update the studio.")
    return table


def _is_artefact(name: str) -> bool:
    parts = name.removeprefix(ARTEFACTS).split("/")
    return name.startswith(ARTEFACTS) and len(parts) >= 3 and parts[0] in FOLDERS and parts[1].isdecimal()
