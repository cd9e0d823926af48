"""The JSON API of a studio, as Python."""

import secrets
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import httpx

from app.client.server_access import ServerAccess
from app.platform.errors import AppError
from app.platform.problem import API_PREFIX
from app.platform.progress_bar import Report

_TIMEOUT: Final = httpx.Timeout(10.0, read=120.0)
_PIECE_BYTES: Final = 1024 * 1024


class RemoteRefusal(AppError):
    """The studio refuses, with its reason and remedy."""


class StudioUnreachable(AppError):
    """Nobody answers, or nobody who speaks this API."""


class StudioClient:
    """Asks one studio as the owner of a token; to be closed, or used in a `with` block.

    Args:
        http: sends the requests; its base address is the studio's, without the API's prefix
    """

    def __init__(self, http: httpx.Client) -> None:
        self._http = http

    @classmethod
    def of(cls, access: ServerAccess) -> Self:
        headers = {"Authorization": f"Bearer {access.token}", "Accept": "application/json"}
        return cls(httpx.Client(base_url=access.server, headers=headers, timeout=_TIMEOUT))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.close()

    def get(self, path: str, **query: Any) -> Any:
        """One resource, or a short list.

        Raises:
            RemoteRefusal: with the studio's reason.
            StudioUnreachable: nobody answers.
        """
        asked = {name: value for name, value in query.items() if value is not None}
        return self._json("GET", f"{API_PREFIX}{path}", params=asked)

    def each(self, path: str, **query: Any) -> Iterator[dict[str, Any]]:
        """All items of a list, page after page."""
        asked = {name: value for name, value in query.items() if value is not None}
        page = self._json("GET", f"{API_PREFIX}{path}", params={"limit": 200, **asked})
        yield from page["items"]
        while page["next"] is not None:
            page = self._json("GET", page["next"])
            yield from page["items"]

    def post(self, path: str, body: Any = None) -> Any:
        """Act, or give a label; a request that makes something is safe to be sent again on its way."""
        headers = {"Idempotency-Key": secrets.token_urlsafe(24)}
        return self._json("POST", f"{API_PREFIX}{path}", json=body, headers=headers)

    def delete(self, path: str) -> None:
        """Remove what stands there."""
        self._json("DELETE", f"{API_PREFIX}{path}")

    def upload(self, path: str, file: Path, report: Report, **query: Any) -> Any:
        """Send a zip file as the body of a request, however large.

        Args:
            path: of the API
            file: is read as it is sent
            report: is told how many bytes are sent, and of how many
            query: what is None is not sent
        """
        headers = {
            "Idempotency-Key": secrets.token_urlsafe(24),
            "Content-Type": "application/zip",
            "Content-Length": str(file.stat().st_size),
        }
        asked = {name: value for name, value in query.items() if value is not None}
        return self._json(
            "POST", f"{API_PREFIX}{path}", params=asked, content=_pieces(file, report), headers=headers
        )

    def download(self, address: str, file: Path, report: Report | None = None) -> None:
        """Write what is at an address of the studio into a file, whole or not at all. Where the line breaks,
        go on for as long as something comes.

        Args:
            address: on the studio
            file: is replaced; its folder is made
            report: is told how many bytes have come, and of how many
        """
        file.parent.mkdir(parents=True, exist_ok=True)
        partial = file.with_name(f"{file.name}.part")
        partial.write_bytes(b"")
        try:
            self._fetch(address, partial, report)
            partial.replace(file)
        finally:
            partial.unlink(missing_ok=True)

    def _fetch(self, address: str, partial: Path, report: Report | None) -> None:
        came = 0
        while True:
            try:
                return self._fetch_rest(address, partial, report)
            except httpx.HTTPError as error:
                if partial.stat().st_size <= came:
                    raise self._unreachable(error) from error
                came = partial.stat().st_size

    def _fetch_rest(self, address: str, partial: Path, report: Report | None) -> None:
        there = partial.stat().st_size
        headers = {"Accept-Encoding": "identity", **({"Range": f"bytes={there}-"} if there else {})}
        with self._http.stream("GET", address, headers=headers) as answer:
            if answer.is_error:
                answer.read()
                raise _refusal(answer)
            goes_on = answer.status_code == httpx.codes.PARTIAL_CONTENT
            done = there if goes_on else 0
            total = done + int(answer.headers.get("content-length", 0))
            with partial.open("ab" if goes_on else "wb") as written:
                for part in answer.iter_raw():
                    done += written.write(part)
                    if report is not None:
                        report(done, total)

    def _json(self, method: str, address: str, **how: Any) -> Any:
        try:
            answer = self._http.request(method, address, **how)
        except httpx.HTTPError as error:
            raise self._unreachable(error) from error
        if answer.is_error:
            raise _refusal(answer)
        if answer.status_code == httpx.codes.NO_CONTENT:
            return None
        if not answer.headers.get("content-type", "").startswith("application/json"):
            raise StudioUnreachable(f"{self._http.base_url} answers, but is no studio of this version.")
        return answer.json()

    def _unreachable(self, error: Exception) -> StudioUnreachable:
        return StudioUnreachable(
            f"{self._http.base_url} does not answer ({error}). Is the studio running, and the address right?"
        )


def _pieces(file: Path, report: Report) -> Iterator[bytes]:
    sent, size = 0, file.stat().st_size
    with file.open("rb") as content:
        while piece := content.read(_PIECE_BYTES):
            yield piece
            sent += len(piece)
            report(sent, size)


def _refusal(answer: httpx.Response) -> RemoteRefusal:
    try:
        problem = answer.json()
        told = [f"{each['field']}: {each['detail']}" for each in problem["errors"]]
        return RemoteRefusal("\n  ".join([problem["detail"], *(told if len(told) > 1 else ())]))
    except (ValueError, KeyError, TypeError):
        return RemoteRefusal(f"The studio answers {answer.status_code} {answer.reason_phrase}.")
