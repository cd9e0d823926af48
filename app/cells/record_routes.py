"""Pictures and videos of demonstrations and trials, with ranges, so that a video can be sought and looped."""

from typing import Final, Literal

from fastapi import APIRouter
from fastapi.responses import FileResponse, Response

from app.platform.errors import NotFound
from app.platform.requests import SettingsDep
from hndp_core.data.artefact_store import MissingArtefact

router = APIRouter(prefix="/artefacts")

_MEDIA_TYPES: Final = {
    "start.png": "image/png",
    "first.jpg": "image/jpeg",
    "last.jpg": "image/jpeg",
    "video.mp4": "video/mp4",
}
_FOR_EVER: Final = {"Cache-Control": "private, max-age=31536000, immutable"}
"""A record never changes; its URL carries its hash, so that another database's is not taken for it."""


def record_url(folder: str | None, sha256: str | None, file: str) -> str | None:
    """URL of a file of a record; None while there is no record."""
    return f"/artefacts/{folder}/{file}?v={sha256[:12]}" if folder and sha256 else None


@router.get("/{kind}/{record_id}/{file}")
def file(
    kind: Literal["demonstrations", "trials"],
    record_id: int,
    file: Literal["start.png", "first.jpg", "last.jpg", "video.mp4"],
    settings: SettingsDep,
) -> Response:
    key = f"{kind}/{record_id}/{file}"
    path = settings.artefacts.local_path(key)
    if path is not None:
        if not path.is_file():
            raise NotFound("file", key)
        return FileResponse(path, media_type=_MEDIA_TYPES[file], headers=_FOR_EVER)
    try:
        content = settings.artefacts.read(key)
    except MissingArtefact:
        raise NotFound("file", key) from None
    return Response(content, media_type=_MEDIA_TYPES[file], headers=_FOR_EVER)
