from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import MetaData, insert, inspect, select, text
from sqlalchemy.exc import IntegrityError

from app.evaluations.models import EvaluationSession
from app.experiments.models import Experiment
from app.platform.database import Database
from app.platform.migration import NewerDatabase, OldDatabase, UnreachableDatabase, migrate, require_current
from app.platform.model import now
from app.platform.schema import metadata

CELL_DEFAULTS = {"attended": False, "lease_token": 0, "motion": "ready", "motion_note": ""}


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
    for task in ("scooping", "writing@tight"):
        store_experiment(empty_database, task)
    migrate(empty_database)
    with empty_database.reading() as session:
        stored = session.scalars(select(Experiment.task).order_by(Experiment.id)).all()
    assert stored == ["scooping@clean", "writing@tight"]


def test_trials_and_their_labels_live_through_a_table_that_is_made_anew(empty_database: Database) -> None:
    migrate(empty_database, "0008_keep_the_period_error")
    experiment = store_experiment(empty_database, "scooping@clean")
    place = {"index": 1, "name": "T1", "split": "train", "x_m": 0.5, "y_m": 0.0, "subject": ""}
    region = store(empty_database, "regions", experiment_id=experiment, **place)
    iteration = store(empty_database, "iterations", experiment_id=experiment, number=1, created_at=now())
    policy = store(
        empty_database,
        "policies",
        **{"iteration_id": iteration, "kind": "global", "artefact_key": "p", "sha256": "0"},
        created_at=now(),
    )
    trial = store(
        empty_database,
        "trials",
        **{"iteration_id": iteration, "region_id": region, "policy_id": policy, "cell_id": 1},
        **{"purpose": "gate", "repeat": 1, "attempt": 1, "status": "planned", "simulated": True},
        created_at=now(),
    )
    label = {"trial_id": trial, "author_id": 1, "outcome": "success", "request_key": "k"}
    store(empty_database, "label_events", **label, created_at=now())
    migrate(empty_database)
    with pytest.raises(IntegrityError), empty_database.transaction() as session:
        session.execute(text("DELETE FROM trials"))
    with empty_database.reading() as session:
        stored = session.execute(text("SELECT id, iteration_id, purpose FROM trials")).all()
        assert stored == [(trial, iteration, "gate")]
        assert session.scalars(text("SELECT trial_id FROM label_events")).all() == [trial]


def test_sessions_from_before_are_judged_as_they_were_planned(empty_database: Database) -> None:
    migrate(empty_database, "0015_keep_what_dashboards_sum")
    store_experiment(empty_database, "scooping@clean")
    store(
        empty_database,
        "evaluation_sessions",
        **{"name": "Old", "task": "scooping@clean", "status": "running", "operator": "human"},
        **{"pairing": "paired", "design": "fixed", "level": 0.05, "repeats": 1, "seed": 1},
        **{"cell_id": 1, "created_by_id": 1},
        created_at=now(),
    )
    migrate(empty_database)
    with empty_database.reading() as session:
        row = session.scalars(select(EvaluationSession)).one()
        assert (row.second_rater_share, row.curves, row.rubric) == (0.0, "hidden", None)


def store_experiment(database: Database, task: str) -> int:
    """An experiment by the tables as they are now, with user and cell if they are missing; returns its id."""
    with database.reading() as session:
        is_first = session.scalar(text("SELECT count(*) FROM users")) == 0
    if is_first:
        store(database, "users", id=1, name="Ada", role="operator", created_at=now())
        store(database, "cells", id=1, name="cell", robot="simulated", **CELL_DEFAULTS, created_at=now())
    return store(
        database,
        "experiments",
        **{"name": task, "task": task, "method": "hndp", "operator": "human", "status": "draft"},
        **dict.fromkeys(("seed", "layout_seed"), 0),
        **dict.fromkeys(("iterations", "trials_per_region", "cell_id", "created_by_id"), 1),
        settings={},
        created_at=now(),
    )


def store(database: Database, table: str, **values: Any) -> int:
    """Add a row to a table as an older version left it; columns that it has not yet are left out."""
    tables = MetaData()
    tables.reflect(database.engine, only=(table,))
    columns = tables.tables[table].c
    known = {name: value for name, value in values.items() if name in columns}
    with database.transaction() as session:
        return session.scalars(insert(tables.tables[table]).values(**known).returning(columns.id)).one()


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
