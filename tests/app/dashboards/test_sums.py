"""The sums that the database keeps by itself, held against a count of what is stored."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
from sqlalchemy import select, text

from app.dashboards.models import LabelDay, TrialHour
from app.platform.database import Database
from app.platform.migration import migrate
from app.trials.models import LabelEvent, Trial

from ..platform.test_migration import _MOMENT, _store_experiment, database_at
from .conftest import Seed
from .test_counting import bench

BEGIN = datetime(2026, 5, 30, 21, 17, tzinfo=UTC)


def sums(session) -> tuple[dict[tuple[str, int], int], dict[str, tuple[int, int, float]]]:
    labels = {(each.day, each.author_id): each.labels for each in session.scalars(select(LabelDay))}
    trials = {each.hour: (each.trials, each.timed, each.arm_s) for each in session.scalars(select(TrialHour))}
    return labels, trials


def test_sums_are_those_of_what_is_stored(database: Database) -> None:
    """Trials over three days, executed one by one and by many at once, and labels of every kind."""
    generator = np.random.default_rng(7)
    labels, hours, seconds = Counter(), Counter(), Counter()
    with database.transaction() as session:
        stored = bench(session)
        trials = [
            Trial(
                iteration_id=stored.iterations[1],
                region_id=stored.regions[1],
                policy_id=stored.policies[1],
                cell_id=stored.cell,
                purpose="gate",
                repeat=repeat,
                attempt=1,
                simulated=True,
                arm_s=8.0 if repeat % 3 else None,
            )
            for repeat in range(1, 41)
        ]
        session.add_all(trials)
        session.flush()
        for place, trial in enumerate(trials):
            at = BEGIN + timedelta(minutes=int(generator.integers(0, 3000)))
            trial.status, trial.artefact_key, trial.sha256, trial.executed_at = (
                "executed",
                "none",
                "0" * 64,
                at,
            )
            hour = f"{at:%Y-%m-%d %H}"
            hours[hour] += 1
            seconds[hour] += trial.arm_s or 0.0
            if place % 2:
                session.flush()
            for turn in range(int(generator.integers(0, 4))):
                outcome = str(generator.choice(["success", "failure", "invalid", "withdrawn"]))
                given = at + timedelta(hours=turn * 5)
                key = f"{'rerun/' if turn == 3 else ''}{place}/{turn}"
                session.add(
                    LabelEvent(
                        trial_id=trial.id,
                        author_id=stored.author,
                        outcome=outcome,
                        request_key=key,
                        created_at=given,
                    )
                )
                if outcome != "withdrawn" and turn != 3:
                    labels[f"{given:%Y-%m-%d}", stored.author] += 1
    with database.transaction() as session:
        for trial in session.scalars(select(Trial)):
            trial.slow_down = 1.0
            trial.status = "executed"
    with database.reading() as session:
        found_labels, found_trials = sums(session)
    assert found_labels == labels
    assert {hour: count for hour, (count, _, _) in found_trials.items()} == hours
    assert {hour: arm_s for hour, (_, _, arm_s) in found_trials.items()} == seconds
    assert sum(timed for _, timed, _ in found_trials.values()) == 27


def test_what_is_undone_is_not_counted(database: Database, seeded: Seed) -> None:
    seeded(iterations_done=1, planned_iterations=1, train=2, held_out=1)
    with database.reading() as session:
        before = sums(session)
        trial = session.scalars(select(Trial.id)).first()
    with database.engine.connect() as connection, connection.begin() as transaction:
        connection.execute(
            text(
                "INSERT INTO label_events (trial_id, author_id, outcome, rating, request_key, created_at) "
                f"VALUES ({trial}, 1, 'success', 'first', 'undone', '2026-03-02 09:00:00')"
            )
        )
        transaction.rollback()
    with database.reading() as session:
        assert sums(session) == before


def test_an_older_database_is_counted_when_it_is_migrated(tmp_path: Path) -> None:
    database = database_at(tmp_path, "0008_keep_the_period_error")
    with database.transaction() as session:
        _store_experiment(session, "scooping")
        for statement in (
            "INSERT INTO regions VALUES (1, 1, 1, 'T1', 'train', 0.5, 0.0, '')",
            f"INSERT INTO iterations (id, experiment_id, number, created_at) VALUES (1, 1, 1, {_MOMENT})",
            f"INSERT INTO policies VALUES (1, 1, 'global', 'p', '0', {_MOMENT})",
            "INSERT INTO trials (id, iteration_id, region_id, policy_id, cell_id, purpose, repeat, attempt, "
            "status, simulated, artefact_key, sha256, created_at, executed_at) "
            f"VALUES (7, 1, 1, 1, 1, 'gate', 1, 1, 'executed', true, 'k', '0', {_MOMENT}, {_MOMENT})",
            "INSERT INTO label_events (id, trial_id, author_id, outcome, request_key, created_at) "
            f"VALUES (1, 7, 1, 'success', 'k', {_MOMENT})",
        ):
            session.execute(text(statement))
    migrate(database)
    with database.reading() as session:
        assert sums(session) == ({("2026-03-02", 1): 1}, {"2026-03-02 09": (1, 0, 0.0)})
    database.close()
