"""The durable job of a transfer, on a worker: one attempt from its start, whatever was left by another."""

import shutil
import time
from datetime import timedelta
from pathlib import Path
from typing import Final

import structlog
from dbos import DBOS
from sqlalchemy.orm import Session

from app.platform.database import Database
from app.platform.durable import TRANSFER, Jobs
from app.platform.errors import AppError
from app.platform.model import now
from app.platform.stopping import StopSignal
from app.transfers.archive_restoring import restore_experiment
from app.transfers.archive_writing import write_archive
from app.transfers.dataset_files import Exported, export_dataset
from app.transfers.models import Transfer
from app.transfers.packing import pack_folder
from app.transfers.repository import UNDER_WAY
from app.transfers.selection import Selection
from hndp_core.data.artefact_store import PIECE_BYTES, ArtefactStore
from hndp_core.errors import HndpError

REPORT_PERIOD_S: Final = 0.5
_NOTE_CHARACTERS: Final = 2000
_TOLD: Final = 5
"""Episodes left out that are told one by one."""

log = structlog.get_logger()


def register_transfers(runner: "TransferRunner") -> None:
    """Let this process run transfers; to be called before the executor starts."""

    @DBOS.workflow(name=TRANSFER, max_recovery_attempts=None)
    def transfer(transfer_id: int) -> str:
        return DBOS.run_step({"name": "transfer"}, runner.run, transfer_id)


class TransferRunner:
    """Writes data sets and archives, and restores experiments.

    Args:
        database: of the app
        store: takes the files
        jobs: take restored refinements up
        folder: for work under way, which nothing else uses
        keep_days: how long a written file is offered
        stop: whether this process is to end
    """

    def __init__(
        self,
        database: Database,
        store: ArtefactStore,
        jobs: Jobs,
        folder: Path,
        keep_days: float,
        stop: StopSignal,
    ) -> None:
        self._database = database
        self._store = store
        self._jobs = jobs
        self._folder = folder
        self._keep = timedelta(days=keep_days)
        self._stop = stop

    def run(self, transfer_id: int) -> str:
        """Do one transfer and return its status. What goes wrong is told in its row."""
        with self._database.transaction() as session:
            row = session.get(Transfer, transfer_id)
            if row is None or row.status not in UNDER_WAY:
                return row.status if row is not None else "gone"
            row.status = "running"
            session.flush()
            session.expunge(row)
        folder = self._folder / str(transfer_id)
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        try:
            {"dataset": self._dataset, "archive": self._archive, "restoration": self._restoration}[row.kind](
                row, folder
            )
            return "done"
        except Exception as error:
            self._fail(row, error)
            return "failed"
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def _dataset(self, row: Transfer, folder: Path) -> None:
        assert row.experiment_id is not None
        content = folder / row.name.removesuffix(".zip")
        selection = Selection.from_json(row.selection)
        progress = _Progress(self._database, row.id, self._stop)
        exported = export_dataset(
            self._database, self._store, row.experiment_id, selection, content, progress
        )
        pack_folder(content, folder / row.name)
        self._offer(row, folder / row.name, _told(exported))

    def _archive(self, row: Transfer, folder: Path) -> None:
        assert row.experiment_id is not None
        progress = _Progress(self._database, row.id, self._stop)
        write_archive(self._database, self._store, row.experiment_id, folder / row.name, progress)
        self._offer(row, folder / row.name, None)

    def _restoration(self, row: Transfer, folder: Path) -> None:
        assert row.artefact_key is not None
        file = self._store.local_path(row.artefact_key) or self._fetched(row.artefact_key, folder)
        progress = _Progress(self._database, row.id, self._stop)
        experiment_id = restore_experiment(
            self._database, self._store, self._jobs, file, progress, name=row.name
        )
        with self._database.transaction() as session:
            _end(session, row.id, "done").experiment_id = experiment_id
        self._store.delete(row.artefact_key)

    def _fetched(self, key: str, folder: Path) -> Path:
        """A file of a store that is no folder, on this machine's disk."""
        file = folder / "archive.zip"
        with self._store.open(key) as content, file.open("wb") as copy:
            shutil.copyfileobj(content, copy, PIECE_BYTES)
        return file

    def _offer(self, row: Transfer, file: Path, note: str | None) -> None:
        key = f"transfers/{row.id}/{row.name}"
        with file.open("rb") as content:
            stored = self._store.write_from(key, content)
        with self._database.transaction() as session:
            ended = _end(session, row.id, "done")
            ended.artefact_key, ended.size, ended.note = key, stored.size, note
            ended.expires_at = now() + self._keep

    def _fail(self, row: Transfer, error: Exception) -> None:
        told = isinstance(error, AppError | HndpError | OSError)
        if not told:
            log.error("transfer failed", transfer=row.id, exc_info=error)
        note = str(error) if told else f"The studio made an error ({error!r}): the worker's log shows more."
        with self._database.transaction() as session:
            ended = _end(session, row.id, "failed")
            ended.note = note[:_NOTE_CHARACTERS]
            if row.kind == "restoration":
                ended.artefact_key = None
        if row.kind == "restoration" and row.artefact_key is not None:
            self._store.delete(row.artefact_key)


class _Progress:
    """Writes how far a transfer is, now and then; parks the job when its process is to end."""

    def __init__(self, database: Database, transfer_id: int, stop: StopSignal) -> None:
        self._database = database
        self._id = transfer_id
        self._stop = stop
        self._written = 0.0

    def __call__(self, done: int, total: int) -> None:
        if self._stop.asked:
            self._stop.park()
        if done < total and time.monotonic() - self._written < REPORT_PERIOD_S:
            return
        self._written = time.monotonic()
        with self._database.transaction() as session:
            row = session.get_one(Transfer, self._id)
            row.done, row.total = done, total


def _end(session: Session, transfer_id: int, status: str) -> Transfer:
    row = session.get_one(Transfer, transfer_id)
    row.status, row.ended_at = status, now()
    return row


def _told(exported: Exported) -> str | None:
    if not exported.left_out:
        return None
    more = len(exported.left_out) - _TOLD
    told = " ".join(exported.left_out[:_TOLD])
    return f"{told}{f' And {more} more.' if more > 0 else ''}"[:_NOTE_CHARACTERS]
