"""A whole experiment as one file: its rows, its artefacts, and what proves that they are whole."""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.cells.models import Cell
from app.experiments.models import Experiment
from app.platform.database import Database
from app.platform.errors import Conflict
from app.platform.migration import head_revision
from app.platform.model import now
from app.training.label_snapshot import label_hash
from app.training.models import Gate
from app.transfers.archive_layout import (
    ARTEFACTS,
    FOLDERS,
    MANIFEST,
    ROWS,
    STAYS,
    Arm,
    Entry,
    Manifest,
    Person,
    row_to_json,
)
from app.transfers.belongings import Belongings, belongings
from app.transfers.dataset_files import Report
from hndp_core.data.artefact_store import PIECE_BYTES, ArtefactStore


@dataclass(frozen=True)
class _Contents:
    """All that an archive holds of the database."""

    experiment: str
    rows: Belongings
    users: dict[str, Person]
    cells: dict[str, Arm]
    current_gates: tuple[int, ...]


def write_archive(
    database: Database, store: ArtefactStore, experiment_id: int, file: Path, report: Report
) -> None:
    """Write an experiment into a new file; an interrupted one leaves nothing of that name.

    Rows that tie it to other experiments stay behind, such as a comparison with their policies.

    Raises:
        Conflict: the file exists.
    """
    if file.exists():
        raise Conflict(f"{file} exists: name a new file.")
    with database.reading() as session:
        contents = _read(session, experiment_id)
    draft = file.with_name(f".{file.name}.draft")
    try:
        with ZipFile(draft, "w", ZIP_STORED) as packed:
            _pack(packed, store, contents, report)
        with draft.open("rb+") as written:
            os.fsync(written.fileno())
        os.replace(draft, file)
    finally:
        draft.unlink(missing_ok=True)


def artefact_keys(store: ArtefactStore, rows: Belongings) -> list[str]:
    """All files of an experiment's rows."""
    return [
        key
        for folder, table in FOLDERS.items()
        for each in rows.ids(table)
        for key in store.keys(f"{folder}/{each}")
    ]


def _read(session: Session, experiment_id: int) -> _Contents:
    experiment = session.get_one(Experiment, experiment_id)
    rows = belongings(session, "experiments", [experiment_id])
    for name in STAYS:
        rows.rows.pop(name, None)
    users = session.scalars(select(User).where(User.id.in_(_referred(rows, "users"))))
    cells = session.scalars(select(Cell).where(Cell.id.in_(_referred(rows, "cells"))))
    gates = session.scalars(select(Gate).where(Gate.id.in_(rows.ids("gates"))))
    return _Contents(
        experiment=experiment.name,
        rows=rows,
        users={str(each.id): Person(each.name, each.is_simulated) for each in users},
        cells={str(each.id): Arm(each.name, each.robot) for each in cells},
        current_gates=tuple(
            each.id
            for each in gates
            if each.label_hash == label_hash(session, each.iteration_id, each.region_id)
        ),
    )


def _referred(rows: Belongings, target: str) -> set[int]:
    """Ids of the rows of a shared table that the rows refer to."""
    return {
        row[column.name]
        for table, own in rows
        for column in table.columns
        if any(each.column.table.name == target for each in column.foreign_keys)
        for row in own
        if row[column.name] is not None
    }


def _pack(packed: ZipFile, store: ArtefactStore, contents: _Contents, report: Report) -> None:
    files = {}
    for table, rows in contents.rows:
        lines = (f"{row_to_json(row)}\n".encode() for row in rows)
        name = ROWS.format(table=table.name)
        files[name] = _entry(packed, name, lines, ZIP_DEFLATED)
    keys = artefact_keys(store, contents.rows)
    for done, key in enumerate(keys):
        report(done, len(keys))
        with store.open(key) as content:
            pieces = iter(lambda: content.read(PIECE_BYTES), b"")
            files[f"{ARTEFACTS}{key}"] = _entry(packed, f"{ARTEFACTS}{key}", pieces, ZIP_STORED)
    manifest = Manifest(
        experiment=contents.experiment,
        schema=head_revision(),
        made_at=now().isoformat(),
        users=contents.users,
        cells=contents.cells,
        current_gates=contents.current_gates,
        files=files,
    )
    packed.writestr(MANIFEST, manifest.to_bytes())
    report(len(keys), len(keys))


def _entry(packed: ZipFile, name: str, pieces: Iterable[bytes], compression: int) -> Entry:
    info = ZipInfo(name, date_time=now().timetuple()[:6])
    info.compress_type = compression
    info.external_attr = 0o600 << 16
    digest, size = sha256(), 0
    with packed.open(info, "w", force_zip64=True) as entry:
        for piece in pieces:
            entry.write(piece)
            digest.update(piece)
            size += len(piece)
    return Entry(digest.hexdigest(), size)
