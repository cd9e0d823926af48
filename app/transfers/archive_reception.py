"""Archives that are sent to the studio: written to the disk as they come; no transaction waits for them."""

import shutil
import uuid
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Final
from zipfile import BadZipFile, ZipFile

import anyio
from fastapi import Depends, Request
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect

from app.accounts.current_user import AskerDep
from app.accounts.models import User
from app.api.creation import Maker
from app.platform.errors import AppError
from app.platform.requests import DatabaseDep, JobsDep, SettingsDep
from app.transfers.archive_layout import NOT_WHOLE, Manifest, UnusableArchive
from app.transfers.archive_reading import read_manifest
from app.transfers.archive_restoring import refuse_name
from app.transfers.service import request_restoration

LONGEST_NAME: Final = 80
_KIND: Final = "restorations"


class NoRoom(AppError):
    """The disk has no room for what is to come."""

    status_code = 507


class ArchiveReception:
    """Takes archives from who asks, and has a worker restore them."""

    def __init__(self, asker: AskerDep, database: DatabaseDep, settings: SettingsDep, jobs: JobsDep) -> None:
        self._asker = asker
        self._database = database
        self._settings = settings
        self._jobs = jobs

    async def take(self, request: Request, name: str, key: str | None = None) -> int:
        """Take the body of a request, look at its manifest, and return the number of the restoration.

        Args:
            request: whose body is the archive
            name: of the experiment here; empty: as it was
            key: under which the same archive sent twice is restored once

        Raises:
            UnusableArchive: it is none.
            Conflict: there is an experiment of that name.
            NoRoom: the disk is too full.
        """
        folder = self._settings.data_dir / "work" / "uploads"
        folder.mkdir(parents=True, exist_ok=True)
        file = folder / f"{uuid.uuid4().hex}.zip"
        try:
            digest = await _receive(request, file)
            return await run_in_threadpool(self._hand_over, file, name.strip(), digest, key)
        finally:
            file.unlink(missing_ok=True)

    def _hand_over(self, file: Path, name: str, digest: str, key: str | None) -> int:
        """Refuse at once what a look at the manifest can tell; the worker checks the rest."""
        experiment = name or _manifest(file).experiment
        asked = f"{digest} as {experiment}".encode()
        with self._database.reading() as session:
            user = session.get_one(User, self._asker.id)
            before = Maker(session, user, key).before(_KIND, asked)
            if before is not None:
                return before
            refuse_name(session, experiment)
        with file.open("rb") as content:
            stored = self._settings.artefacts.write_from(f"transfers/uploads/{file.name}", content)
        with self._database.transaction() as session:
            user = session.get_one(User, self._asker.id)
            return Maker(session, user, key).once(
                _KIND,
                asked,
                lambda: (
                    request_restoration(session, self._jobs, user, stored.key, stored.size, experiment).id
                ),
            )


ArchiveReceptionDep = Annotated[ArchiveReception, Depends()]


async def _receive(request: Request, file: Path) -> str:
    """Write the body into a file; return its SHA-256."""
    announced = request.headers.get("content-length", "")
    if announced.isdecimal() and int(announced) > shutil.disk_usage(file.parent).free:
        raise NoRoom("The studio's disk has no room for this archive. Free some space, then send it again.")
    digest = sha256()
    try:
        async with await anyio.open_file(file, "wb") as copy:
            async for piece in request.stream():
                digest.update(piece)
                await copy.write(piece)
    except ClientDisconnect as error:
        raise UnusableArchive(NOT_WHOLE) from error
    return digest.hexdigest()


def _manifest(file: Path) -> Manifest:
    try:
        with ZipFile(file) as packed:
            return read_manifest(packed)
    except BadZipFile as error:
        raise UnusableArchive(NOT_WHOLE) from error
