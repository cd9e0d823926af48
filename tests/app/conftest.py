"""Fixtures of the app's tests: a migrated database of its own for each test, and a signed-in browser.

HNDP_TEST_DATABASE_URL (a PostgreSQL server where databases may be created) moves all of them from SQLite to
PostgreSQL.
"""

import os
import shutil
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from sqlalchemy import Engine, create_engine, make_url, text

from app.accounts.current_user import permitted
from app.accounts.models import User
from app.accounts.service import ensure_user, issue_sign_in_token
from app.main import create_app
from app.platform.database import Database, make_engine
from app.platform.durable import Jobs
from app.platform.migration import migrate
from app.platform.settings import Settings

POSTGRES_URL = os.environ.get("HNDP_TEST_DATABASE_URL", "")


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[Engine]:
    engine = create_engine(make_engine(POSTGRES_URL).url, isolation_level="AUTOCOMMIT")
    yield engine
    engine.dispose()


@pytest.fixture(scope="session")
def template_database(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> str:
    """URL of a migrated, empty database that each test gets a copy of."""
    if not POSTGRES_URL:
        url = f"sqlite:///{tmp_path_factory.mktemp('template') / 'template.sqlite3'}"
    else:
        server: Engine = request.getfixturevalue("postgres_server")
        url = _create_postgres(server, f"template_{uuid.uuid4().hex}")
    database = Database(url)
    migrate(database)
    database.close()  # the last one out writes the log into the file, so that the file alone can be copied
    return url


def _create_postgres(server: Engine, name: str, template: str = "template1") -> str:
    with server.connect() as connection:
        connection.execute(text(f'CREATE DATABASE "{name}" TEMPLATE "{template}"'))
    return server.url.set(database=name).render_as_string(hide_password=False)


def _drop_postgres(server: Engine, name: str) -> None:
    with server.connect() as connection:
        connection.execute(text(f'DROP DATABASE "{name}" WITH (FORCE)'))


@pytest.fixture
def empty_database(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Database]:
    """A database without tables."""
    name = f"empty_{uuid.uuid4().hex}"
    if POSTGRES_URL:
        url = _create_postgres(request.getfixturevalue("postgres_server"), name)
    else:
        url = f"sqlite:///{tmp_path / name}.sqlite3"
    database = Database(url)
    yield database
    database.close()
    if POSTGRES_URL:
        _drop_postgres(request.getfixturevalue("postgres_server"), name)


@pytest.fixture
def database_url(template_database: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """URL of a migrated database that belongs to this test alone."""
    if not POSTGRES_URL:
        file = tmp_path / "data" / "hndp.sqlite3"
        file.parent.mkdir(exist_ok=True)
        shutil.copy(template_database.removeprefix("sqlite:///"), file)
        yield f"sqlite:///{file}"
        return
    server: Engine = request.getfixturevalue("postgres_server")
    name = f"test_{uuid.uuid4().hex}"
    yield _create_postgres(server, name, make_url(template_database).database or "")
    _drop_postgres(server, name)


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    return Settings(
        _env_file=None,  # pyright: ignore[reportCallIssue]
        data_dir=tmp_path / "data",
        database_url=database_url,
        session_key="for tests only",
    )


@pytest.fixture
def database(settings: Settings) -> Iterator[Database]:
    """For a test's own rows: `with database.transaction() as session: ...`."""
    database = Database(settings.resolved_database_url)
    yield database
    database.close()


@pytest.fixture
def web_app(settings: Settings) -> Iterator[FastAPI]:
    app = create_app(settings)
    yield app
    app.state.jobs.close()  # a client that was not entered has not ended the application
    app.state.database.close()


@pytest.fixture
def unguarded(web_app: FastAPI) -> None:
    """For tests that add routes of their own, which no table of permissions names."""
    web_app.dependency_overrides[permitted] = lambda: None


@pytest.fixture
def anonymous(web_app: FastAPI) -> Iterator[TestClient]:
    """A browser that has not signed in; it follows no redirect."""
    with TestClient(web_app, follow_redirects=False, headers={"accept": "text/html"}) as client:
        yield client


@pytest.fixture
def sign_in(web_app: FastAPI, database: Database) -> Iterator[Callable[[str, str], TestClient]]:
    """sign_in(name, role) returns a browser in which that user is signed in."""
    clients: list[TestClient] = []

    def sign_in(name: str, role: str) -> TestClient:
        with database.transaction() as session:
            token = issue_sign_in_token(session, ensure_user(session, name, role), valid_minutes=5)
        client = TestClient(web_app, follow_redirects=False, headers={"accept": "text/html"})
        clients.append(client)
        client.__enter__()
        assert client.get("/sign-in", params={"token": token}).status_code == 303
        return client

    yield sign_in
    for client in clients:
        client.__exit__(None, None, None)


@pytest.fixture
def user(database: Database) -> User:
    """Who is signed in at `client`: operates, and makes experiments."""
    with database.transaction() as session:
        return ensure_user(session, "Operator", "researcher")


@pytest.fixture
def client(user: User, sign_in: Callable[[str, str], TestClient]) -> TestClient:
    """A browser in which `user` is signed in."""
    return sign_in(user.name, user.role)


@pytest.fixture
def jobs(database: Database) -> Iterator[Jobs]:
    """Asks for durable jobs, as the web process does."""
    jobs = Jobs(database.engine)
    yield jobs
    jobs.close()
