"""Backups: the database at one moment, all artefacts that it names, and what proves that they are whole."""

import json
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from io import BytesIO
from pathlib import Path
from typing import Final, Self

from app.backup.container import Entry, Reader, UnusableBackup, copied, reading, writing
from app.backup.database_copy import POSTGRES_FILE, SQLITE_FILE, copy_database, is_empty, put_back
from app.platform.database import Database
from app.platform.errors import StartUpError
from app.platform.migration import head_revision, known_revisions, require_current
from app.platform.model import now
from app.platform.settings import Settings
from hndp_core.data.artefact_store import ArtefactStore, MissingArtefact

FORMAT: Final = "hndp-backup"
VERSION: Final = 1
MANIFEST: Final = "manifest.json"
ARTEFACTS: Final = "artefacts/"

_PASSING: Final = ("transfers/", "restoring/")
"""Artefacts that are made again when they are wanted."""

Report = Callable[[int, int], None]
"""Takes how many of how many files are done."""


class NotEmpty(StartUpError):
    """A studio is there already: a backup never takes its place."""

    def __init__(self, what: str) -> None:
        super().__init__(
            f"{what} is not empty, and a backup never takes the place of what is there. Stop the studio, "
            "point HNDP_DATA_DIR (and HNDP_DATABASE_URL) at an empty place, then restore."
        )


@dataclass(frozen=True)
class Manifest:
    """What a backup says about itself."""

    schema: str
    made_at: str
    files: Mapping[str, Entry]

    def to_bytes(self) -> bytes:
        return json.dumps({"format": FORMAT, "version": VERSION, **asdict(self)}, indent=1).encode()

    @classmethod
    def from_bytes(cls, content: bytes) -> Self:
        """
        Raises:
            UnusableBackup: no manifest of a backup, or one of a newer version.
        """
        try:
            stored = json.loads(content)
            if stored["format"] != FORMAT or stored["version"] > VERSION:
                raise UnusableBackup(
                    "This is no backup that this version of H-NDP Studio can read: update it."
                )
            files = {name: Entry(**each) for name, each in stored["files"].items()}
            return cls(str(stored["schema"]), str(stored["made_at"]), files)
        except (ValueError, KeyError, TypeError) as error:
            raise UnusableBackup(f"The backup's {MANIFEST} cannot be read ({error!r}).") from error


def write_backup(settings: Settings, target: Path, report: Report) -> Manifest:
    """Write a backup into a new folder, or a new file that ends in .zip; the studio may run meanwhile.

    The database is copied first: what it names was stored before it was named. Artefacts that came later are
    in the backup, too, and do no harm.

    Raises:
        Target: there is something already.
        OldDatabase, NewerDatabase: this code does not know the database.
        CopyFailed: the database cannot be copied.
    """
    database = Database(settings.resolved_database_url)
    require_current(database)
    database.close()
    files: dict[str, Entry] = {}
    with writing(target) as backup, tempfile.TemporaryDirectory() as folder:
        copy = copy_database(settings.resolved_database_url, Path(folder))
        with copy.open("rb") as content:
            files[copy.name] = backup.put(copy.name, content)
        keys = [each for each in settings.artefacts.all_keys() if not each.startswith(_PASSING)]
        for done, key in enumerate(keys):
            report(done, len(keys))
            try:
                content = settings.artefacts.open(key)
            except MissingArtefact:
                continue  # deleted for good since the list was made
            with content:
                files[f"{ARTEFACTS}{key}"] = backup.put(f"{ARTEFACTS}{key}", content)
        report(len(keys), len(keys))
        manifest = Manifest(head_revision(), now().isoformat(), files)
        backup.put(MANIFEST, BytesIO(manifest.to_bytes()))
    return manifest


def restore_backup(settings: Settings, source: Path, report: Report) -> Manifest:
    """Fill an empty studio from a backup, every byte of which is checked before anything is written.

    The database comes last, so that an interrupted restoration leaves no studio that looks whole.

    Raises:
        UnusableBackup: no backup, a damaged one, or one of a newer version.
        NotEmpty: there is a database or an artefact already.
        CopyFailed: the backup is of another kind of database.
    """
    if not is_empty(settings.resolved_database_url):
        raise NotEmpty("The database")
    if settings.artefacts.all_keys():
        raise NotEmpty("The artefact store")
    with reading(source) as backup:
        manifest = check_backup(backup)
        database = next(each for each in (SQLITE_FILE, POSTGRES_FILE) if each in manifest.files)
        stored: list[str] = []
        with tempfile.TemporaryDirectory() as folder:
            copy = Path(folder) / database
            with backup.open(database) as content, copy.open("wb") as file:
                copied(content, file.write)
            try:
                _put_artefacts(settings.artefacts, backup, manifest, stored, report)
                put_back(settings.resolved_database_url, copy)
            except BaseException:
                for key in stored:
                    settings.artefacts.delete(key)
                raise
    return manifest


def check_backup(backup: Reader) -> Manifest:
    """Compare every file of a backup with its manifest.

    Raises:
        UnusableBackup: names the file that is missing, damaged or unexpected.
    """
    names = backup.names()
    if MANIFEST not in names:
        raise UnusableBackup(f"There is no {MANIFEST} in it: name a whole backup.")
    with backup.open(MANIFEST) as content:
        manifest = Manifest.from_bytes(content.read())
    if manifest.schema not in known_revisions():
        raise UnusableBackup(
            f"This backup was made by a newer version of H-NDP Studio (its revision {manifest.schema} is "
            "unknown here). Update the studio, then restore it."
        )
    if odd := sorted({*manifest.files, MANIFEST} ^ names):
        raise UnusableBackup(f"The backup does not hold what its manifest says ({', '.join(odd[:3])}).")
    if not {SQLITE_FILE, POSTGRES_FILE} & names:
        raise UnusableBackup("There is no database in the backup.")
    for name, entry in manifest.files.items():
        with backup.open(name) as content:
            if copied(content, len) != entry:
                raise UnusableBackup(f"{name} in the backup is damaged: take another backup.")
    return manifest


def _put_artefacts(
    store: ArtefactStore, backup: Reader, manifest: Manifest, stored: list[str], report: Report
) -> None:
    keys = [each.removeprefix(ARTEFACTS) for each in manifest.files if each.startswith(ARTEFACTS)]
    for done, key in enumerate(keys):
        report(done, len(keys))
        stored.append(key)
        with backup.open(f"{ARTEFACTS}{key}") as content:
            store.write_from(key, content)
    report(len(keys), len(keys))
