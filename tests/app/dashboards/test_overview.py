"""The overview's counts, held against the naive oracle of `test_counting`."""

from datetime import UTC, datetime

from hypothesis import HealthCheck, given, settings
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.dashboards.overview import overview
from app.dashboards.overview_repository import OverviewRepository
from app.dashboards.view import View
from app.platform.database import Database
from app.trials.models import Trial

from .conftest import Seed
from .test_counting import SLOTS, Slot, bench, executed, oracle

PRESENT = datetime(2026, 5, 30, tzinfo=UTC)


def newest_judged(slots: list[Slot]) -> int | None:
    judged = [
        slot.iteration
        for slot in slots
        if slot.purpose == "held_out" and any(attempt.events for attempt in slot.attempts)
    ]
    return max(judged, default=None)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(SLOTS)
def test_held_out_counts_are_those_of_the_newest_judged_iteration(
    database: Database, slots: list[Slot]
) -> None:
    with database.engine.connect() as connection, connection.begin() as transaction:
        session = Session(connection)
        stored = bench(session)
        stored.store(slots)
        (row,) = overview(OverviewRepository(session), View(), PRESENT).rows
        session.close()
        transaction.rollback()
    newest, counted = newest_judged(slots), oracle(slots)
    expected = {}
    for simulated in (False, True):
        states = {state: counted[newest, "held_out", simulated, state] for state in ("success", "failure")}
        here = any(key[:3] == (newest, "held_out", simulated) for key in counted)
        if here:
            expected[simulated] = (states["success"], states["success"] + states["failure"])
    found = {each.simulated: (each.rate.successes, each.rate.trials) for each in row.held_out}
    assert found == expected
    assert all(each.iteration == newest for each in row.held_out)


def test_arm_time_is_that_of_all_its_trials(database: Database, seeded: Seed) -> None:
    seeded(iterations_done=2, planned_iterations=2, train=4, held_out=3)
    with database.reading() as session:
        (row,) = overview(OverviewRepository(session), View(), PRESENT).rows
        executed = session.scalars(select(Trial).where(Trial.status == "executed")).all()
    assert (row.trials, row.untimed) == (len(executed), 0)
    assert row.arm_s == sum(each.arm_s or 0.0 for each in executed)


def test_trials_without_a_measured_time_are_told_apart(database: Database) -> None:
    with database.transaction() as session:
        stored = bench(session)
        stored.store([Slot(1, "gate", 1, 1, True, (executed(["success"]),))])
        trial = session.scalars(select(Trial)).one()
        trial.status = "running"
        session.flush()
        trial.status = "executed"
    with database.reading() as session:
        (row,) = overview(OverviewRepository(session), View(), PRESENT).rows
    assert (row.trials, row.untimed, row.arm_s) == (1, 1, None)
