"""Where a browser sends an archive, apart from the pages: the body of the request is the file."""

from typing import Final

from fastapi import APIRouter, Request
from fastapi.responses import Response

from app.platform.errors import Invalid
from app.transfers.archive_reception import LONGEST_NAME, ArchiveReceptionDep

router = APIRouter()

ARCHIVE_PATH: Final = "/restore/archive"


@router.post(ARCHIVE_PATH)
async def upload(request: Request, reception: ArchiveReceptionDep, name: str = "") -> Response:
    if len(name) > LONGEST_NAME:
        raise Invalid(f"A name has up to {LONGEST_NAME} characters.", field="name")
    await reception.take(request, name)
    return Response(status_code=202)
