"""Archives that a browser sends: written to the disk as they come; no transaction waits for them."""

import shutil
import uuid
from pathlib import Path
from typing import Final
from zipfile import BadZipFile, ZipFile

import anyio
from fastapi import APIRouter, Request
from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect

from app.accounts.current_user import AskerDep
from app.accounts.models import User
from app.platform.database import Database
from app.platform.durable import Jobs
from app.platform.errors import AppError, Invalid
from app.platform.requests import DatabaseDep, JobsDep, SettingsDep
from app.platform.settings import Settings
from app.transfers.archive_layout import NOT_WHOLE, Manifest, UnusableArchive
from app.transfers.archive_reading import read_manifest
from app.transfers.archive_restoring import refuse_name
from app.transfers.service import request_restoration

router = APIRouter()

_LONGEST_NAME: Final = 80
ARCHIVE_PATH: Final = "/restore/archive"


class NoRoom(AppError):
    """The disk has no room for what is to come."""

    status_code = 507


@router.post(ARCHIVE_PATH)
async def upload(
    request: Request,
    asker: AskerDep,
    database: DatabaseDep,
    settings: SettingsDep,
    jobs: JobsDep,
    name: str = "",
) -> Response:
    """Take an archive as the body of the request, look at its manifest, and have a worker restore it."""
    if len(name) > _LONGEST_NAME:
        raise Invalid(f"A name has up to {_LONGEST_NAME} characters.", field="name")
    folder = settings.data_dir / "work" / "uploads"
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{uuid.uuid4().hex}.zip"
    try:
        await _receive(request, file)
        await run_in_threadpool(_hand_over, database, settings, jobs, asker.id, file, name.strip())
    finally:
        file.unlink(missing_ok=True)
    return Response(status_code=202)


async def _receive(request: Request, file: Path) -> None:
    announced = request.headers.get("content-length", "")
    if announced.isdecimal() and int(announced) > shutil.disk_usage(file.parent).free:
        raise NoRoom("The studio's disk has no room for this archive. Free some space, then send it again.")
    try:
        async with await anyio.open_file(file, "wb") as copy:
            async for piece in request.stream():
                await copy.write(piece)
    except ClientDisconnect as error:
        raise UnusableArchive(NOT_WHOLE) from error


def _hand_over(
    database: Database, settings: Settings, jobs: Jobs, user_id: int, file: Path, name: str
) -> None:
    """Refuse at once what a look at the manifest can tell; the worker checks the rest."""
    manifest = _manifest(file)
    experiment = name or manifest.experiment
    with database.reading() as session:
        refuse_name(session, experiment)
    with file.open("rb") as content:
        stored = settings.artefacts.write_from(f"transfers/uploads/{file.name}", content)
    with database.transaction() as session:
        user = session.get_one(User, user_id)
        request_restoration(session, jobs, user, stored.key, stored.size, experiment)


def _manifest(file: Path) -> Manifest:
    try:
        with ZipFile(file) as packed:
            return read_manifest(packed)
    except BadZipFile as error:
        raise UnusableArchive(NOT_WHOLE) from error
