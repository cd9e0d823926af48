"""Where the pictures, the video and the arrays of a record are."""

from typing import Any, Final

from fastapi.responses import Response
from pydantic import BaseModel

from app.cells.record_routes import record_url
from hndp_core.data.artefact_store import ArtefactStore

NPZ: Final = "application/octet-stream"
ARRAYS_ANSWER: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "description": "The arrays as an npz file.",
        "content": {NPZ: {"schema": {"type": "string", "format": "binary"}}},
    }
}


class RecordFiles(BaseModel):
    """Addresses of the files of a record: the policy's image, the first and last frame, the video."""

    start: str
    first: str
    last: str
    video: str

    @classmethod
    def of(cls, folder: str | None, sha256: str | None) -> "RecordFiles | None":
        """None while there is no record."""
        files = {"start": "start.png", "first": "first.jpg", "last": "last.jpg", "video": "video.mp4"}
        urls = {name: record_url(folder, sha256, file) for name, file in files.items()}
        found = {name: url for name, url in urls.items() if url is not None}
        return cls(**found) if found else None


def arrays_answer(store: ArtefactStore, key: str, sha256: str | None, name: str) -> Response:
    """An npz file as a download, checked against its hash.

    Raises:
        MissingArtefact, DamagedArtefact: it is gone, or is not what was stored.
    """
    content = store.read(key, expected_sha256=sha256)
    return Response(
        content, media_type=NPZ, headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )
