"""The sums that the database keeps by itself, held against a count of what is stored."""

from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
from sqlalchemy import MetaData, insert, select, text

from app.dashboards.models import LabelDay, TrialHour
from app.platform.database import Database
from app.platform.migration import migrate
from app.trials.models import LabelEvent, Trial

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
    labels, hours = Counter(), Counter()
    seconds: dict[str, float] = defaultdict(float)
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


def test_an_older_database_is_counted_when_it_is_migrated(empty_database: Database) -> None:
    """What a rerun copied is not counted: neither its trial nor that trial's label."""
    migrate(empty_database, "0011_keep_how_trials_are_judged")
    tables = MetaData()
    tables.reflect(empty_database.engine)
    moment = BEGIN.replace(minute=0)
    made = {"created_at": moment}
    plan = {
        "task": "scooping@clean",
        "method": "hndp",
        "operator": "human",
        "status": "running",
        "settings": "{}",
    }
    numbers = {
        "seed": 0,
        "iterations": 2,
        "trials_per_region": 1,
        "layout_seed": 0,
        "cell_id": 1,
        "created_by_id": 1,
    }
    trial = {
        "purpose": "gate",
        "repeat": 1,
        "attempt": 1,
        "status": "executed",
        "simulated": True,
        "cell_id": 1,
    }
    rows: list[tuple[str, dict[str, Any]]] = [
        ("users", {"id": 1, "name": "Operator", "role": "operator", **made}),
        ("cells", {"id": 1, "name": "cell", "robot": "simulated", **made}),
    ]
    for n in (1, 2):
        region = {"index": 1, "name": "T1", "split": "train", "x_m": 0.5, "y_m": 0.0, "subject": ""}
        policy = {"kind": "global", "artefact_key": "p", "sha256": "0"}
        label = {"outcome": "success", "request_key": f"{'rerun/' * (n - 1)}key"}
        rows += [
            ("experiments", {"id": n, "name": f"Experiment {n}", **plan, **numbers, **made}),
            ("regions", {"id": n, "experiment_id": n, **region}),
            ("iterations", {"id": n, "experiment_id": n, "number": 1, **made}),
            ("policies", {"id": n, "iteration_id": n, **policy, **made}),
            (
                "trials",
                {"id": n, "iteration_id": n, "region_id": n, "policy_id": n, **trial, **made}
                | {"artefact_key": "k", "sha256": "0", "executed_at": moment},
            ),
            ("label_events", {"id": n, "trial_id": n, "author_id": 1, **label, **made}),
        ]
    rows.append(("reruns", {"experiment_id": 2, "origin_id": 1, "iteration": 1, "created_by_id": 1, **made}))
    with empty_database.transaction() as session:
        for table, values in rows:
            session.execute(insert(tables.tables[table]).values(**values))
    migrate(empty_database)
    with empty_database.reading() as session:
        assert sums(session) == ({("2026-05-30", 1): 1}, {"2026-05-30 21": (1, 0, 0.0)})
