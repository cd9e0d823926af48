from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from sqlalchemy import inspect, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.platform.database import Database
from app.platform.migration import (
    MIGRATIONS,
    NewerDatabase,
    OldDatabase,
    UnreachableDatabase,
    migrate,
    require_current,
)
from app.platform.schema import metadata

_MOMENT = "'2026-03-02 09:00:00'"


def test_migrations_make_the_tables_of_the_models(database: Database) -> None:
    def of_the_app(_object: object, name: str | None, kind: str, _reflected: bool, _other: object) -> bool:
        return kind != "table" or name in metadata.tables

    with database.engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "include_object": of_the_app}
        )
        assert compare_metadata(context, metadata) == []


def test_migrating_twice_changes_nothing(database: Database) -> None:
    before = sorted(inspect(database.engine).get_table_names())
    migrate(database)
    require_current(database)
    assert sorted(inspect(database.engine).get_table_names()) == before


def test_a_task_stored_without_its_level_gets_the_one_that_was_meant(tmp_path: Path) -> None:
    database = database_at(tmp_path, "0003_name_what_a_region_is_about")
    with database.transaction() as session:
        for task in ("scooping", "writing@tight"):
            _store_experiment(session, task)
    migrate(database)
    with database.reading() as session:
        stored = session.scalars(text("SELECT task FROM experiments ORDER BY id")).all()
    assert stored == ["scooping@clean", "writing@tight"]
    database.close()


def test_trials_and_their_labels_live_through_a_table_that_is_made_anew(tmp_path: Path) -> None:
    database = database_at(tmp_path, "0008_keep_the_period_error")
    with database.transaction() as session:
        _store_experiment(session, "scooping")
        for statement in (
            "INSERT INTO regions VALUES (1, 1, 1, 'T1', 'train', 0.5, 0.0, '')",
            f"INSERT INTO iterations (id, experiment_id, number, created_at) VALUES (1, 1, 1, {_MOMENT})",
            f"INSERT INTO policies VALUES (1, 1, 'global', 'p', '0', {_MOMENT})",
            "INSERT INTO trials (id, iteration_id, region_id, policy_id, cell_id, purpose, repeat, attempt, "
            "status, simulated, created_at) "
            f"VALUES (7, 1, 1, 1, 1, 'gate', 1, 1, 'planned', true, {_MOMENT})",
            "INSERT INTO label_events (id, trial_id, author_id, outcome, request_key, created_at) "
            f"VALUES (1, 7, 1, 'success', 'k', {_MOMENT})",
        ):
            session.execute(text(statement))
    migrate(database)
    with pytest.raises(IntegrityError), database.transaction() as session:
        session.execute(text("DELETE FROM trials"))
    with database.reading() as session:
        assert session.execute(text("SELECT id, iteration_id, purpose FROM trials")).all() == [(7, 1, "gate")]
        assert session.scalars(text("SELECT trial_id FROM label_events")).all() == [7]
    database.close()


def database_at(folder: Path, revision: str) -> Database:
    """A database as an older version left it."""
    database = Database(f"sqlite:///{folder / 'old.sqlite3'}")
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with database.engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
    return database


def _store_experiment(session: Session, task: str) -> None:
    """An experiment by the tables of the third revision, with its user and cell."""
    present = session.scalar(text("SELECT count(*) FROM experiments")) or 0
    if not present:
        session.execute(text(f"INSERT INTO users VALUES (1, 'Operator', 'operator', {_MOMENT})"))
        cell = (
            "INSERT INTO cells (id, name, robot, created_at) VALUES (1, 'cell', 'simulated', " + _MOMENT + ")"
        )
        session.execute(text(cell))
    session.execute(
        text(
            "INSERT INTO experiments (id, name, task, method, operator, status, seed, iterations, "
            "trials_per_region, layout_seed, settings, cell_id, created_by_id, created_at) VALUES "
            f"(:id, :task, :task, 'hndp', 'human', 'draft', 0, 1, 1, 0, '{{}}', 1, 1, {_MOMENT})"
        ),
        {"id": present + 1, "task": task},
    )


def test_database_of_a_newer_version_is_left_alone(database: Database) -> None:
    with database.transaction() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999_from_the_future'"))
    for act in (migrate, require_current):
        with pytest.raises(
            NewerDatabase, match=r"(?s)newer version.*Update the code, or point HNDP_DATA_DIR"
        ):
            act(database)
    with database.reading() as session:
        assert session.scalar(text("SELECT version_num FROM alembic_version")) == "9999_from_the_future"


def test_database_without_tables_names_the_command(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'empty.sqlite3'}")
    with pytest.raises(OldDatabase, match="hndp migrate"):
        require_current(database)
    database.close()


@pytest.mark.parametrize(
    "url",
    ["sqlite:////nowhere/at/all/hndp.sqlite3", "postgresql://hndp:secret@127.0.0.1:1/hndp?connect_timeout=2"],
)
def test_unreachable_database_says_what_to_check_and_no_password(url: str) -> None:
    database = Database(url)
    with pytest.raises(UnreachableDatabase, match="HNDP_DATABASE_URL") as caught:
        require_current(database)
    assert "secret" not in caught.value.message
    database.close()
