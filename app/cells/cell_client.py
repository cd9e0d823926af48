"""The web process's way to the live services of cells. One client keeps its connections: to open one for
each request would cost more than all that a stop may take.
"""

from dataclasses import dataclass
from typing import Annotated, Any, Final

import httpx
from fastapi import Depends
from starlette.requests import HTTPConnection

from app.cells.models import Cell
from app.platform.errors import AppError

KEY_HEADER: Final = "X-Cell-Key"
_TIMEOUT: Final = httpx.Timeout(3.0, read=10.0, pool=None)


@dataclass(frozen=True)
class Address:
    """Where a cell answers, with the key that it asks for, and what to do while it does not."""

    name: str
    url: str | None
    key: str
    remedy: str

    @classmethod
    def of(cls, cell: Cell) -> "Address":
        remedy = cell.fault or "Its process starts, or is not running: start it with hndp cell or hndp serve."
        return cls(cell.name, cell.service_url, cell.service_key or "", remedy)


class CellSilent(AppError):
    """The cell's live service does not answer."""

    status_code = 503

    def __init__(self, address: Address) -> None:
        super().__init__(f"Cell {address.name} does not answer. {address.remedy}")


class CellRefuses(AppError):
    """The cell answers that it does not do what was asked."""

    def __init__(self, status_code: int, message: str) -> None:
        super().__init__(message)
        self.status_code = status_code


class CellClient:
    """Talks to any cell; to be closed with the process."""

    def __init__(self) -> None:
        self._http: httpx.AsyncClient | None = None

    async def state(self, address: Address) -> dict[str, Any]:
        """Return what the cell does now.

        Raises:
            CellSilent: nobody answers there, or under another key.
        """
        return await self.get(address, "/state")

    async def get(self, address: Address, path: str) -> dict[str, Any]:
        """Return what the cell answers there.

        Raises:
            CellSilent: nobody answers there, or under another key.
            CellRefuses: with the cell's reason.
        """
        return await self._json(address, "GET", path)

    async def picture(self, address: Address, path: str) -> bytes:
        """Return one picture, as a JPEG.

        Raises:
            CellSilent: nobody answers there, or under another key.
            CellRefuses: it has none, with the reason.
        """
        answer = await self._ask(address, "GET", path)
        if answer.is_error:
            raise self._error(address, answer)
        return answer.content

    async def act(self, address: Address, path: str, asked: dict[str, Any]) -> dict[str, Any]:
        """Ask for something; return the state that follows.

        Raises:
            CellSilent: nobody answers there, or under another key.
            CellRefuses: with the cell's reason.
        """
        return await self._json(address, "POST", path, asked)

    async def pictures(self, address: Address) -> httpx.Response:
        """Open the cell's stream of pictures, to be closed by the caller.

        Raises:
            CellSilent: nobody answers there.
        """
        try:
            request = self._client().build_request(
                "GET", f"{_url(address)}/live.mjpg", headers={KEY_HEADER: address.key}
            )
            return await self._client().send(request, stream=True)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise CellSilent(address) from error

    async def close(self) -> None:
        if self._http is not None:
            await self._http.aclose()
            self._http = None

    async def _json(
        self, address: Address, method: str, path: str, asked: dict[str, Any] | None = None
    ) -> dict[str, Any]:
        answer = await self._ask(address, method, path, asked)
        if answer.is_error:
            raise self._error(address, answer)
        return _told(address, answer)

    async def _ask(
        self, address: Address, method: str, path: str, asked: dict[str, Any] | None = None
    ) -> httpx.Response:
        try:
            return await self._client().request(
                method, f"{_url(address)}{path}", json=asked, headers={KEY_HEADER: address.key}
            )
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise CellSilent(address) from error

    def _error(self, address: Address, answer: httpx.Response) -> AppError:
        told = _told(address, answer)
        if answer.status_code == httpx.codes.UNAUTHORIZED:  # it was started anew, under another key
            return CellSilent(address)
        return CellRefuses(answer.status_code, str(told.get("error", "The cell does not understand.")))

    def _client(self) -> httpx.AsyncClient:
        if self._http is None:
            limits = httpx.Limits(max_connections=None, max_keepalive_connections=50)
            self._http = httpx.AsyncClient(timeout=_TIMEOUT, limits=limits, trust_env=False)
        return self._http


def _told(address: Address, answer: httpx.Response) -> dict[str, Any]:
    """What an answer says; where another service answers at the address, the cell does not."""
    try:
        return answer.json()
    except ValueError as error:
        raise CellSilent(address) from error


def _url(address: Address) -> str:
    if address.url is None:
        raise CellSilent(address)
    return address.url


def get_cell_client(connection: HTTPConnection) -> CellClient:
    return connection.app.state.cell_client


CellClientDep = Annotated[CellClient, Depends(get_cell_client)]
