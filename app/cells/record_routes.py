"""Pictures and videos of demonstrations and trials, with ranges, so that a video can be sought and looped.

Only these files of a record can be asked for: no other file of the store has a URL, and a record's
arrays are shown as curves.
"""

import re
from typing import Annotated, Final, Literal

from fastapi import APIRouter, Header
from fastapi.responses import FileResponse, Response

from app.platform.errors import NotFound
from app.platform.requests import SettingsDep
from hndp_core.data.artefact_store import MissingArtefact

router = APIRouter(prefix="/artefacts")

MEDIA_TYPES: Final = {
    "start.png": "image/png",
    "first.jpg": "image/jpeg",
    "last.jpg": "image/jpeg",
    "video.mp4": "video/mp4",
    "scene_reference.jpg": "image/jpeg",
    "scene_matched.jpg": "image/jpeg",
}
_FOR_EVER: Final = "private, max-age=31536000, immutable"
_ASK_AGAIN: Final = "private, no-cache"
_ONE_RANGE: Final = re.compile(r"bytes=(\d*)-(\d*)")


def record_url(folder: str | None, sha256: str | None, file: str) -> str | None:
    """URL of a file of a record; None while there is no record.

    It carries the record's hash: what it names never changes, and the record of another database is not
    taken for it out of a browser's memory.
    """
    return f"/artefacts/{folder}/{file}?v={sha256[:12]}" if folder and sha256 else None


@router.get("/{kind}/{record_id}/{file}")
def record_file(
    kind: Literal["demonstrations", "trials", "motions"],
    record_id: int,
    file: Literal[
        "start.png", "first.jpg", "last.jpg", "video.mp4", "scene_reference.jpg", "scene_matched.jpg"
    ],
    settings: SettingsDep,
    v: str = "",
    range_header: Annotated[str, Header(alias="range")] = "",
) -> Response:
    key = f"{kind}/{record_id}/{file}"
    headers = {"Cache-Control": _FOR_EVER if v else _ASK_AGAIN}
    path = settings.artefacts.local_path(key)
    if path is not None:
        if not path.is_file():
            raise NotFound("file", key)
        return FileResponse(path, media_type=MEDIA_TYPES[file], headers=headers)
    try:
        content = settings.artefacts.read(key)
    except MissingArtefact:
        raise NotFound("file", key) from None
    return _part(content, range_header, MEDIA_TYPES[file], headers)


def _part(content: bytes, range_header: str, media_type: str, headers: dict[str, str]) -> Response:
    """Answer from a store that is no folder: the one range that was asked for, or all."""
    headers = {**headers, "Accept-Ranges": "bytes"}
    asked = _ONE_RANGE.fullmatch(range_header)
    if asked is None or asked.groups() == ("", ""):
        return Response(content, media_type=media_type, headers=headers)
    first, last = asked.groups()
    if first:
        start, end = int(first), min(int(last or len(content)), len(content) - 1)
    else:
        start, end = max(0, len(content) - int(last)), len(content) - 1
    if start > end:
        return Response(status_code=416, headers={**headers, "Content-Range": f"bytes */{len(content)}"})
    headers["Content-Range"] = f"bytes {start}-{end}/{len(content)}"
    return Response(content[start : end + 1], 206, media_type=media_type, headers=headers)
