"""Bring the database to the tables that this code expects, or say why that cannot be done."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.exc import OperationalError

from app.platform.database import Database
from app.platform.durable import migrate_jobs
from app.platform.errors import StartUpError
from app.platform.settings import Settings

MIGRATIONS = Path(__file__).resolve().parents[2] / "migrations"
_ADVISORY_LOCK = 4_836_770  # any fixed number: two processes that migrate at once take turns


class NewerDatabase(StartUpError):
    """The database was migrated by a later version of the code."""

    def __init__(self, url: str, revision: str) -> None:
        super().__init__(
            f"The database {url} was made by a newer version of H-NDP Studio (its revision {revision} is "
            "unknown here); nothing was changed. Update the code, or point HNDP_DATA_DIR "
            "(or HNDP_DATABASE_URL) at another database."
        )


class OldDatabase(StartUpError):
    """The database lacks tables that this code needs."""

    def __init__(self, url: str) -> None:
        super().__init__(
            f"The database {url} is older than the code. Stop all processes and run: hndp migrate"
        )


class UnreachableDatabase(StartUpError):
    """Nobody answers under the database URL."""

    def __init__(self, url: str, reason: str) -> None:
        super().__init__(
            f"The database {url} cannot be opened ({reason}). Check HNDP_DATABASE_URL and HNDP_DATA_DIR; "
            "if it was never made, type: hndp migrate"
        )


def migrate(database: Database, revision: str = "head") -> None:
    """Create or update all tables: the app's in one transaction, then those of the durable jobs.

    Args:
        database: any, also an empty one.
        revision: how far; an earlier one than the newest makes the tables of an older version of the code.

    Raises:
        NewerDatabase: the database is ahead of the code; it is left as it is.
        UnreachableDatabase: no connection.
    """
    with _connected(database, tables_may_move=True) as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ADVISORY_LOCK})
        _refuse_newer(database, connection)
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
        if connection.dialect.name == "sqlite":
            _check_foreign_keys(connection)
        connection.commit()
        connection.invalidate()  # nobody else gets a connection that keeps no foreign keys
    migrate_jobs(database.url)


def migrate_settings(settings: Settings) -> None:
    """Migrate the database that the settings name, making its folder first."""
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    database = Database(settings.resolved_database_url)
    try:
        migrate(database)
    finally:
        database.close()


def require_current(database: Database) -> None:
    """Check before a process starts that its tables are there.

    Raises:
        NewerDatabase, OldDatabase, UnreachableDatabase: with the remedy.
    """
    with _connected(database) as connection:
        _refuse_newer(database, connection)
        if _revision(connection) != head_revision():
            raise OldDatabase(_shown(database))


def _connected(database: Database, *, tables_may_move: bool = False) -> Connection:
    """A connection in a transaction. SQLite changes a table by making it anew; dropping the old one would
    break the foreign keys to it, and they can only be switched off before the transaction begins.
    """
    try:
        connection = database.engine.connect()
        if tables_may_move and connection.dialect.name == "sqlite":
            connection.connection.cursor().execute("PRAGMA foreign_keys=OFF")
        connection.begin()
    except OperationalError as error:
        reason = str(error.orig).splitlines()[0]
        raise UnreachableDatabase(_shown(database), reason) from error
    return connection


def _check_foreign_keys(connection: Connection) -> None:
    broken = connection.execute(text("PRAGMA foreign_key_check")).all()
    if broken:
        raise LookupError(f"rows that refer to rows which are not there: {broken[:5]}")


def _shown(database: Database) -> str:
    return database.engine.url.render_as_string(hide_password=True)


def _refuse_newer(database: Database, connection: Connection) -> None:
    revision = _revision(connection)
    if revision is not None and revision not in known_revisions():
        raise NewerDatabase(_shown(database), revision)


def _revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return config


def head_revision() -> str:
    """The revision that this code's tables have."""
    revision = ScriptDirectory.from_config(_config()).get_current_head()
    assert revision is not None
    return revision


def known_revisions() -> set[str]:
    """Revisions of databases that this code can bring up to date."""
    return {script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions()}
