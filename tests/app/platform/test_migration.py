from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import inspect, select, text

from app.accounts.models import User
from app.cells.models import Cell
from app.experiments.models import Experiment
from app.platform.database import Database
from app.platform.migration import NewerDatabase, OldDatabase, UnreachableDatabase, migrate, require_current
from app.platform.schema import metadata

from .test_constraints import plan_of


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


def test_a_task_stored_without_its_level_gets_the_one_that_was_meant(database: Database, user: User) -> None:
    with database.transaction() as session:
        cell = Cell(name="cell", robot="simulated")
        session.add(cell)
        session.flush()
        for task in ("scooping", "writing@tight"):
            session.add(plan_of(user, cell, name=task, task=task))
        session.flush()
        for column in ("rating", "score", "milestones", "failure_mode"):
            session.execute(text(f"ALTER TABLE label_events DROP COLUMN {column}"))
        session.execute(text("ALTER TABLE experiments DROP COLUMN second_rater_share"))
        for table in ("reruns", "task_rubrics", "assignments", "reservations"):
            session.execute(text(f"DROP TABLE {table}"))
        for column in ("measures", "slow_down", "period_error_p99_ms", "second_rated"):
            session.execute(text(f"ALTER TABLE trials DROP COLUMN {column}"))
        for table in ("replays", "motion_takes", "motions"):
            session.execute(text(f"DROP TABLE {table}"))
        for column in ("service_key", "attended", "lease_token", "motion", "motion_note"):
            session.execute(text(f"ALTER TABLE cells DROP COLUMN {column}"))
        session.execute(text("DROP TABLE cell_events"))
        before = "0003_name_what_a_region_is_about"
        session.execute(text("UPDATE alembic_version SET version_num = :before"), {"before": before})
    migrate(database)
    with database.reading() as session:
        stored = session.scalars(select(Experiment.task).order_by(Experiment.id)).all()
    assert stored == ["scooping@clean", "writing@tight"]


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
