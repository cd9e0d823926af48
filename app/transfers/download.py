"""The file of a transfer as a download, in ranges where the store is a folder."""

from collections.abc import Iterator

from fastapi.responses import FileResponse, Response, StreamingResponse

from app.platform.errors import NotFound
from app.transfers.models import Transfer
from hndp_core.data.artefact_store import PIECE_BYTES, ArtefactStore, MissingArtefact

MEDIA_TYPE = "application/zip"


def is_offered(row: Transfer) -> bool:
    """Whether there is a file to be fetched (still)."""
    return row.kind != "restoration" and row.status == "done" and row.artefact_key is not None


def file_answer(row: Transfer, store: ArtefactStore) -> Response:
    """
    Raises:
        NotFound: it is not there yet, or no longer.
    """
    if not is_offered(row) or row.artefact_key is None:
        raise NotFound("file", row.name)
    path = store.local_path(row.artefact_key)
    if path is not None:
        if not path.is_file():
            raise NotFound("file", row.name)
        return FileResponse(path, media_type=MEDIA_TYPE, filename=row.name)
    headers = {"Content-Disposition": f'attachment; filename="{row.name}"', "Content-Length": str(row.size)}
    try:
        pieces = _pieces(store, row.artefact_key)
    except MissingArtefact:
        raise NotFound("file", row.name) from None
    return StreamingResponse(pieces, media_type=MEDIA_TYPE, headers=headers)


def _pieces(store: ArtefactStore, key: str) -> Iterator[bytes]:
    content = store.open(key)

    def pieces() -> Iterator[bytes]:
        with content:
            while piece := content.read(PIECE_BYTES):
                yield piece

    return pieces()
