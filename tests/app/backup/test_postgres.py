"""Backups of PostgreSQL, where the tests have a server."""

import shutil
from pathlib import Path

import pytest
from sqlalchemy import select

from app.accounts.models import User
from app.backup.backup import restore_backup, write_backup
from app.platform.database import Database
from app.platform.settings import Settings
from tests.app.conftest import POSTGRES_URL, _create_postgres

pytestmark = pytest.mark.skipif(not POSTGRES_URL, reason="needs HNDP_TEST_DATABASE_URL")


def test_a_backup_comes_back_as_it_was(
    settings: Settings, user: User, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    if shutil.which("pg_dump") is None:
        pytest.skip("needs PostgreSQL's client tools")
    settings.artefacts.write("trials/1/record.npz", b"numbers")
    write_backup(settings, tmp_path / "backup.zip", lambda *_: None)
    server = request.getfixturevalue("postgres_server")
    url = _create_postgres(server, f"restored_{tmp_path.name.replace('-', '_')}")
    empty = Settings(
        _env_file=None,  # pyright: ignore[reportCallIssue]
        data_dir=tmp_path / "elsewhere",
        database_url=url,
    )
    restore_backup(empty, tmp_path / "backup.zip", lambda *_: None)
    database = Database(url)
    with database.reading() as session:
        assert session.scalars(select(User.name)).all() == [user.name]
    database.close()
    assert empty.artefacts.read("trials/1/record.npz") == b"numbers"
