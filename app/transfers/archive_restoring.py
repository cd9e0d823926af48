"""An experiment out of an archive, with ids of its own: whole, or not at all."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from sqlalchemy import CursorResult, Table, insert, update
from sqlalchemy.orm import Session

from app.experiments.repository import ExperimentRepository
from app.platform.database import Database
from app.platform.durable import Jobs
from app.platform.errors import Conflict
from app.platform.schema import metadata
from app.transfers.archive_layout import FOLDERS, UnusableArchive
from app.transfers.archive_reading import Archive, Rows, open_archive
from app.transfers.belongings import SHARED, references
from app.transfers.dataset_files import Report
from app.transfers.newcomers import imported_cells, imported_users
from app.transfers.resumption import take_up
from hndp_core.data.artefact_store import ArtefactStore

_LONGEST_NAME: Final = 80


@dataclass
class _Numbers:
    """New ids by table and old id."""

    of: dict[str, dict[int, int]] = field(default_factory=dict)

    def new(self, table: str, old: int) -> int:
        try:
            return self.of[table][old]
        except KeyError:
            raise UnusableArchive(
                f"The archive refers to row {old} of {table}, which is not in it: make it again."
            ) from None


def restore_experiment(
    database: Database, store: ArtefactStore, jobs: Jobs, file: Path, report: Report, name: str | None = None
) -> int:
    """Restore an experiment and return its id here.

    Artefacts are stored first, under keys of no experiment; then the rows come in one transaction, in which
    the artefacts get their own keys. One that was running is paused: resume it when its cell is there.

    Args:
        database: takes the rows
        store: takes the files
        jobs: take the refinement up where it was
        file: the archive
        report: progress in files
        name: of the experiment here; None: as it was

    Raises:
        UnusableArchive: damaged, no archive, or of a newer version.
        Conflict: there is an experiment of that name.
    """
    with open_archive(file) as archive:
        rows = archive.rows()
        name = (name or archive.manifest.experiment)[:_LONGEST_NAME]
        with database.reading() as session:
            refuse_name(session, name)
        staged = f"restoring/{uuid.uuid4().hex}"
        moved: list[str] = []
        try:
            _stage(archive, store, staged, report)
            with database.transaction() as session:
                refuse_name(session, name)
                experiment_id, numbers = _insert(session, archive, rows, name)
                for key in archive.artefacts():
                    moved.append(_renamed(key, numbers))
                    store.move(f"{staged}/{key}", moved[-1])
                take_up(session, jobs, experiment_id, _current_gates(archive, numbers))
            return experiment_id
        except BaseException:
            for key in moved:
                store.delete(key)
            raise
        finally:
            store.delete_folder(staged)


def refuse_name(session: Session, name: str) -> None:
    """
    Raises:
        Conflict: there is an experiment of that name.
    """
    if ExperimentRepository(session).named(name) is not None:
        raise Conflict(
            f"There is an experiment {name!r} already, perhaps in the bin. If this is another one, restore "
            "it under another name.",
            field="name",
        )


def _stage(archive: Archive, store: ArtefactStore, staged: str, report: Report) -> None:
    keys = archive.artefacts()
    for done, key in enumerate(keys):
        report(done, len(keys))
        with archive.open(key) as content:
            store.write_from(f"{staged}/{key}", content)
    report(len(keys), len(keys))


def _insert(session: Session, archive: Archive, rows: Rows, name: str) -> tuple[int, _Numbers]:
    """Add all rows with new ids; what refers to users and cells refers to those of this server."""
    manifest = archive.manifest
    if len(rows.get("experiments", [])) != 1:
        raise UnusableArchive("The archive does not hold one experiment.")
    numbers = _Numbers()
    numbers.of["users"] = imported_users(session, manifest.users, name)
    numbers.of["cells"] = imported_cells(session, manifest.cells)
    for table in metadata.sorted_tables:
        for row in rows.get(table.name, []):
            _insert_row(session, table, row, numbers, name)
    return numbers.new("experiments", rows["experiments"][0]["id"]), numbers


def _insert_row(session: Session, table: Table, row: Mapping[str, Any], numbers: _Numbers, name: str) -> None:
    if table.name in SHARED:
        raise UnusableArchive(f"The archive holds rows of {table.name}, which are never restored.")
    new = {column: value for column, value in row.items() if column != "id"}
    for column, reference in references(table):
        if new.get(column) is not None:
            new[column] = numbers.new(reference.column.table.name, new[column])
    if table.name == "experiments":
        new["name"] = name
    if "request_key" in new:  # unique among all label events of a server
        new["request_key"] = f"restored/{uuid.uuid4().hex}"
    result = session.execute(insert(table).values(**new))
    assert isinstance(result, CursorResult)
    key = result.inserted_primary_key
    if "id" not in row or key is None:
        return
    numbers.of.setdefault(table.name, {})[row["id"]] = key[0]
    if row.get("artefact_key") is not None:
        renamed = _renamed(row["artefact_key"], numbers)
        session.execute(update(table).where(table.c.id == key[0]).values(artefact_key=renamed))


def _renamed(key: str, numbers: _Numbers) -> str:
    """An artefact's key, or a folder of some, with the id that its row has here."""
    folder, _, rest = key.partition("/")
    old, slash, file = rest.partition("/")
    if folder not in FOLDERS or not old.isdecimal():
        raise UnusableArchive(f"The archive names an artefact {key!r}, which is not known here.")
    return f"{folder}/{numbers.new(FOLDERS[folder], int(old))}{slash}{file}"


def _current_gates(archive: Archive, numbers: _Numbers) -> list[int]:
    return [numbers.new("gates", each) for each in archive.manifest.current_gates]
