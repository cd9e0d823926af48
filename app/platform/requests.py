"""What a route asks for: settings, database, one transaction per request, pages."""

from collections.abc import Iterator
from typing import Annotated

from fastapi import Depends, Request
from sqlalchemy.orm import Session

from app.platform.database import Database
from app.platform.durable import Jobs
from app.platform.pages import Pages
from app.platform.settings import Settings

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


def get_settings(request: Request) -> Settings:
    return request.app.state.settings


def get_database(request: Request) -> Database:
    return request.app.state.database


def get_pages(request: Request) -> Pages:
    return request.app.state.pages


def get_jobs(request: Request) -> Jobs:
    return request.app.state.jobs


def open_session(request: Request) -> Iterator[Session]:
    """One transaction per request: committed before the answer is sent, rolled back when the route raises.

    Safe methods read one state of the database and wait for no writer; what they change is not kept.
    """
    database = get_database(request)
    opened = database.reading() if request.method in SAFE_METHODS else database.transaction()
    with opened as session:
        yield session


def open_write_session(request: Request) -> Iterator[Session]:
    """A committing transaction whatever the method: for the sign-in link, which is opened with GET."""
    with get_database(request).transaction() as session:
        yield session


# scope="function": the commit comes before the answer, so that what was acknowledged is on the disk.
SettingsDep = Annotated[Settings, Depends(get_settings)]
DatabaseDep = Annotated[Database, Depends(get_database)]
JobsDep = Annotated[Jobs, Depends(get_jobs)]
PagesDep = Annotated[Pages, Depends(get_pages)]
SessionDep = Annotated[Session, Depends(open_session, scope="function")]
WriteSessionDep = Annotated[Session, Depends(open_write_session, scope="function")]
