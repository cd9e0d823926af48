from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import MetaData, insert, inspect, select, text

from app.experiments.models import Experiment
from app.platform.database import Database
from app.platform.migration import NewerDatabase, OldDatabase, UnreachableDatabase, migrate, require_current
from app.platform.model import now
from app.platform.schema import metadata


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


def test_a_task_stored_without_its_level_gets_the_one_that_was_meant(empty_database: Database) -> None:
    migrate(empty_database, "0003_name_what_a_region_is_about")
    tables = MetaData()
    tables.reflect(empty_database.engine, only=("users", "cells", "experiments"))

    def store(table: str, **values: Any) -> int:
        with empty_database.transaction() as session:
            stored = insert(tables.tables[table]).values(**values).returning(tables.tables[table].c.id)
            return session.scalars(stored).one()

    author = store("users", name="Ada", role="operator", created_at=now())
    cell = store("cells", name="cell", robot="simulated", created_at=now())
    for task in ("scooping", "writing@tight"):
        store(
            "experiments",
            **{"name": task, "task": task, "method": "hndp", "operator": "human", "status": "draft"},
            **dict.fromkeys(("seed", "layout_seed"), 0),
            **dict.fromkeys(("iterations", "trials_per_region"), 1),
            settings={},
            cell_id=cell,
            created_by_id=author,
            created_at=now(),
        )
    migrate(empty_database)
    with empty_database.reading() as session:
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
