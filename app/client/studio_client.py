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

_TIMEOUT: Final = httpx.Timeout(10.0, read=120.0)


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

    def download(self, address: str, file: Path) -> None:
        """Write what is at an address of the studio into a file, whole or not at all."""
        file.parent.mkdir(parents=True, exist_ok=True)
        partial = file.with_name(f"{file.name}.part")
        try:
            with self._http.stream("GET", address) as answer:
                if answer.is_error:
                    answer.read()
                    raise _refusal(answer)
                with partial.open("wb") as written:
                    for part in answer.iter_bytes():
                        written.write(part)
        except httpx.HTTPError as error:
            raise self._unreachable(error) from error
        partial.replace(file)

    def _json(self, method: str, address: str, **how: Any) -> Any:
        try:
            answer = self._http.request(method, address, **how)
        except httpx.HTTPError as error:
            raise self._unreachable(error) from error
        if answer.is_error:
            raise _refusal(answer)
        if not answer.headers.get("content-type", "").startswith("application/json"):
            raise StudioUnreachable(f"{self._http.base_url} answers, but is no studio of this version.")
        return answer.json()

    def _unreachable(self, error: Exception) -> StudioUnreachable:
        return StudioUnreachable(
            f"{self._http.base_url} does not answer ({error}). Is the studio running, and the address right?"
        )


def _refusal(answer: httpx.Response) -> RemoteRefusal:
    try:
        problem = answer.json()
        told = [f"{each['field']}: {each['detail']}" for each in problem["errors"]]
        return RemoteRefusal("\n  ".join([problem["detail"], *(told if len(told) > 1 else ())]))
    except (ValueError, KeyError, TypeError):
        return RemoteRefusal(f"The studio answers {answer.status_code} {answer.reason_phrase}.")
