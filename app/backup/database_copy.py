"""A copy of the database at one moment, while others write: SQLite's online backup, or pg_dump."""

import os
import shutil
import sqlite3
import subprocess
from pathlib import Path
from typing import Final

from sqlalchemy import inspect
from sqlalchemy.engine import URL, make_url

from app.platform.database import Database
from app.platform.errors import StartUpError

SQLITE_FILE: Final = "database.sqlite3"
POSTGRES_FILE: Final = "database.dump"
"""In pg_dump's own format."""


class CopyFailed(StartUpError):
    """The database could not be copied; says why."""


def copy_database(url: str, folder: Path) -> Path:
    """Copy the database into a folder and return the file; writers go on meanwhile.

    Raises:
        CopyFailed: it cannot be read, or PostgreSQL's tools are not installed.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        return _copy_sqlite(Path(parsed.database or ""), folder / SQLITE_FILE)
    file = folder / POSTGRES_FILE
    _postgres(parsed, "pg_dump", "--format=custom", "--no-owner", f"--file={file}")
    return file


def put_back(url: str, file: Path) -> None:
    """Fill an empty database from a copy of its kind.

    Raises:
        CopyFailed: the copy is of another kind of database, or cannot be read.
    """
    parsed = make_url(url)
    kind = parsed.get_backend_name()
    if (kind == "sqlite") != (file.name == SQLITE_FILE):
        other = "SQLite" if file.name == SQLITE_FILE else "PostgreSQL"
        raise CopyFailed(
            f"This backup is of a {other} database. Set HNDP_DATABASE_URL to one of that kind, then restore."
        )
    if kind != "sqlite":
        _postgres(
            parsed,
            "pg_restore",
            "--single-transaction",
            "--no-owner",
            f"--dbname={parsed.database}",
            str(file),
        )
        return
    target = Path(parsed.database or "")
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.with_name(f".{target.name}.draft")
    shutil.copyfile(file, draft)
    os.replace(draft, target)


def is_empty(url: str) -> bool:
    """Whether a database has no table, or is not there at all."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        file = Path(parsed.database or "")
        return not file.exists() or file.stat().st_size == 0
    database = Database(url)
    try:
        return not inspect(database.engine).get_table_names()
    finally:
        database.close()


def _copy_sqlite(source: Path, target: Path) -> Path:
    """One step of the online backup: it reads one state of the database, and holds up no writer because the
    log is written ahead.
    """
    if not source.is_file():
        raise CopyFailed(f"There is no database {source}. Check HNDP_DATA_DIR and HNDP_DATABASE_URL.")
    here = sqlite3.connect(f"file:{source}?mode=ro", uri=True)
    there = sqlite3.connect(target)
    try:
        here.backup(there)
        there.execute("PRAGMA journal_mode=DELETE")  # all in one file
        [(verdict,)] = there.execute("PRAGMA integrity_check(1)").fetchall()
        if verdict != "ok":
            raise CopyFailed(f"The database {source} is damaged ({verdict}): restore it from a backup.")
    except sqlite3.Error as error:
        raise CopyFailed(f"The database {source} cannot be copied ({error}).") from error
    finally:
        there.close()
        here.close()
    return target


def _postgres(url: URL, tool: str, *options: str) -> None:
    """Run one of PostgreSQL's tools; the password goes by the environment, where no other user sees it."""
    if shutil.which(tool) is None:
        raise CopyFailed(
            f"{tool} is not installed: install PostgreSQL's client tools of the server's version "
            "(postgresql-client), then try again."
        )
    environment = {**os.environ, "PGPASSWORD": url.password or "", "PGDATABASE": url.database or ""}
    for name, value in (("PGHOST", url.host), ("PGPORT", url.port), ("PGUSER", url.username)):
        if value is not None:
            environment[name] = str(value)
    done = subprocess.run([tool, *options], env=environment, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise CopyFailed(f"{tool} failed: {done.stderr.strip() or 'it did not say why'}")
