"""The engine and its sessions, on SQLite (WAL) or PostgreSQL."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.orm import Session, sessionmaker

BUSY_TIMEOUT_MS = 15_000
_READING = "hndp_reading"


def make_engine(url: str) -> Engine:
    """Engine for the app's tables and for the durable jobs alike.

    SQLite: write-ahead log, foreign keys, full synchronisation (a label that was acknowledged survives a
    power cut), and `BEGIN IMMEDIATE`, so that two writers queue instead of failing half-way.
    """
    if url.startswith("postgresql://"):
        url = url.replace("postgresql://", "postgresql+psycopg://", 1)
    if not url.startswith("sqlite"):
        # Compiling a query takes PostgreSQL longer than any of these takes to run; and what is on no spinning
        # disk, it should rather look up by an index than scan a whole table for.
        options = {"options": "-c jit=off -c random_page_cost=1.1"}
        return create_engine(url, connect_args=options, pool_pre_ping=True, pool_size=10, max_overflow=20)
    engine = create_engine(
        url, connect_args={"timeout": BUSY_TIMEOUT_MS / 1000, "check_same_thread": False}, pool_size=20
    )
    event.listen(engine, "connect", _configure_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _configure_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # sqlite3 must not open transactions by itself: the begin event does
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        f"busy_timeout={BUSY_TIMEOUT_MS}",
    ):
        connection.execute(f"PRAGMA {pragma}").close()


def _begin_sqlite(connection: Connection) -> None:
    reading = connection.get_execution_options().get(_READING, False)
    connection.exec_driver_sql("BEGIN DEFERRED" if reading else "BEGIN IMMEDIATE")


class Database:
    """One engine and the sessions made from it."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.engine = make_engine(url)
        self._writers = sessionmaker(self.engine, expire_on_commit=False)
        reading: dict[str, Any] = {_READING: True}
        if self.engine.dialect.name == "postgresql":
            reading["postgresql_readonly"] = True
        self._readers = sessionmaker(self.engine.execution_options(**reading), autoflush=False)

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """A session that commits when the block ends and rolls back when it raises."""
        with self._writers.begin() as session:
            yield session

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session that sees one state of the database, waits for no writer and keeps nothing it changes."""
        with self._readers() as session:
            yield session

    def close(self) -> None:
        self.engine.dispose()
