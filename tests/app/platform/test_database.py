import sqlite3
import threading

import pytest
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from app.accounts.models import User
from app.platform.database import Database


def test_transaction_keeps_nothing_when_it_fails(database: Database) -> None:
    def fail_half_way() -> None:
        with database.transaction() as session:
            session.add(User(name="Half", role="operator"))
            session.flush()
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail_half_way()
    with database.reading() as session:
        assert session.scalars(select(User)).all() == []


def test_readers_do_not_wait_for_a_writer(database: Database) -> None:
    with database.transaction() as writing:
        writing.add(User(name="Unseen", role="operator"))
        writing.flush()
        names: list[str] = []

        def read() -> None:
            with database.reading() as session:
                names.extend(session.scalars(select(User.name)))

        reader = threading.Thread(target=read)
        reader.start()
        reader.join(timeout=5)
        assert not reader.is_alive()
    assert names == []


def test_two_writers_take_turns(database: Database) -> None:
    """Both read, then write: without a lock from the start, one of two on SQLite would fail."""
    with database.transaction() as session:
        session.add(User(name="Counter 0", role="operator"))

    def count() -> None:
        for _ in range(10):
            with database.transaction() as session:
                user = session.scalars(select(User).with_for_update()).one()
                user.name = f"Counter {int(user.name.split()[1]) + 1}"

    writers = [threading.Thread(target=count) for _ in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    with database.reading() as session:
        assert session.scalars(select(User.name)).one() == "Counter 40"


def test_reading_keeps_no_change(database: Database) -> None:
    try:
        with database.reading() as session:
            session.add(User(name="Lost", role="operator"))
            session.flush()
    except DBAPIError:
        pass  # PostgreSQL says at once that the transaction is read-only
    with database.reading() as session:
        assert session.scalars(select(User)).all() == []


def test_sqlite_is_durable_and_checks_references(database: Database) -> None:
    if database.engine.dialect.name != "sqlite":
        pytest.skip("about SQLite's own settings")
    with database.engine.connect() as connection:
        driver = connection.connection.driver_connection
        assert isinstance(driver, sqlite3.Connection)
        pragmas = {
            name: driver.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("journal_mode", "synchronous", "foreign_keys")
        }
    assert pragmas == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}
