"""Lists in pages. A cursor is the number of the last row that was seen: rows that come or go meanwhile
neither hide a row nor show one twice.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Final, Generic, Protocol, TypeVar

from fastapi import Depends, Query
from fastapi.requests import Request
from fastapi.responses import Response
from pydantic import BaseModel
from sqlalchemy import Select
from sqlalchemy.orm import InstrumentedAttribute, Session

from app.api.resource_route import GREATEST_ID

MOST: Final = 200
USUAL: Final = 50

Item = TypeVar("Item", bound=BaseModel)


class Numbered(Protocol):
    id: Any


Row = TypeVar("Row", bound=Numbered)


class Page(BaseModel, Generic[Item]):
    """Some of a list; `next` is the address of those that follow, null at the end."""

    items: list[Item]
    next: str | None


@dataclass(frozen=True)
class Pager:
    """Which part of a list is asked for, and where the answer says how it goes on."""

    request: Request
    response: Response
    cursor: int | None
    limit: int

    def newest_first(
        self, session: Session, query: Select[Row], number: InstrumentedAttribute[int]
    ) -> Sequence[Row]:
        """The rows of the part that is asked for, and one more where there is one."""
        if self.cursor is not None:
            query = query.where(number < self.cursor)
        return session.scalars(query.order_by(number.desc()).limit(self.limit + 1)).unique().all()

    def oldest_first(
        self, session: Session, query: Select[Row], number: InstrumentedAttribute[int]
    ) -> Sequence[Row]:
        """The same in the order in which the rows were made."""
        if self.cursor is not None:
            query = query.where(number > self.cursor)
        return session.scalars(query.order_by(number).limit(self.limit + 1)).unique().all()

    def page(self, rows: Sequence[Row], view: Callable[[Row], Item]) -> Page[Item]:
        """The page of the rows found, with the address of the next one, also as a Link header."""
        shown = rows[: self.limit]
        following = None
        if len(rows) > self.limit:
            url = self.request.url.include_query_params(cursor=shown[-1].id)
            following = f"{url.path}?{url.query}"
            self.response.headers["Link"] = f'<{following}>; rel="next"'
        return Page(items=[view(each) for each in shown], next=following)


def pager(
    request: Request,
    response: Response,
    cursor: Annotated[
        int | None, Query(ge=1, le=GREATEST_ID, description="Of the page before; `next` holds it.")
    ] = None,
    limit: Annotated[int, Query(ge=1, le=MOST, description="Most items of a page.")] = USUAL,
) -> Pager:
    return Pager(request, response, cursor, limit)


PagerDep = Annotated[Pager, Depends(pager)]
