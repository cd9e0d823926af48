"""Times of decisions and of waiting, agreement, throughput: held against naive counts."""

from datetime import UTC, datetime, timedelta

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.accounts.service import ensure_user
from app.cells.models import ProcessRun
from app.dashboards.facts import SAMPLE
from app.dashboards.view import View
from app.dashboards.work import (
    decision_times,
    label_figure,
    throughput_figure,
    up_time_figure,
    waiting_times,
    work_summary,
)
from app.dashboards.work_repository import Decision, WorkRepository
from app.experiments.models import Experiment
from app.platform.database import Database
from app.trials.agreement import agreement_of
from app.trials.models import LabelEvent, Trial

from .conftest import Seed
from .test_counting import Attempt, Slot, bench

PRESENT = datetime(2026, 3, 3, 12, 0, tzinfo=UTC)


def decision(author: int, second: float, experiment: int | None = 1, first: bool = True) -> Decision:
    at = PRESENT + timedelta(seconds=second)
    return Decision(author, at, PRESENT - timedelta(seconds=10), experiment, first)


def test_a_pace_is_the_gap_to_the_decision_before_of_the_same_person() -> None:
    newest_first = [decision(1, 400), decision(1, 12), decision(2, 11), decision(1, 10), decision(2, 4)]
    assert decision_times(newest_first, None) == {1: [2.0], 2: [7.0]}


def test_a_pace_counts_for_the_experiment_of_the_later_decision() -> None:
    newest_first = [decision(1, 9, experiment=2), decision(1, 6, experiment=1), decision(1, 2, experiment=2)]
    assert decision_times(newest_first, {2}) == {1: [3.0]}
    assert decision_times(newest_first, {1}) == {1: [4.0]}


def test_only_the_first_label_ends_the_wait() -> None:
    told = [decision(1, 60, first=False), decision(1, 20), decision(1, 5, experiment=None)]
    assert waiting_times(told, None) == [30.0, 15.0]
    assert waiting_times(told, {1}) == [30.0]


def test_agreement_is_that_of_the_experiments_page(database: Database) -> None:
    """Random first, second and settled judgements of three people, withdrawals among them."""
    generator = np.random.default_rng(11)
    with database.transaction() as session:
        stored = bench(session)
        stored.store(
            [Slot(1, "gate", 1, repeat, True, (Attempt("executed", ()),)) for repeat in range(1, 60)]
        )
        people = [stored.author, *(ensure_user(session, name, "operator").id for name in ("A", "B"))]
        session.flush()
        trials = list(session.scalars(select(Trial)))
        for place in range(240):
            trial = trials[int(generator.integers(len(trials)))]
            trial.second_rated = True
            _judge(session, generator, trial, people, place)
        session.flush()
        session.expire_all()
        expected = agreement_of(session, stored.experiment)
        found = work_summary(WorkRepository(session), View(), PRESENT)
    assert expected.pairs > 10
    assert (found.pairs, found.alike, found.kappa) == (expected.pairs, expected.agreeing, expected.kappa)


def _judge(
    session: Session, generator: np.random.Generator, trial: Trial, people: list[int], place: int
) -> None:
    session.add(
        LabelEvent(
            trial_id=trial.id,
            author_id=int(generator.choice(people)),
            rating=str(generator.choice(["first", "second", "settled"], p=[0.5, 0.4, 0.1])),
            outcome=str(
                generator.choice(["success", "failure", "invalid", "withdrawn"], p=[0.4, 0.3, 0.1, 0.2])
            ),
            request_key=f"made up {place}",
            created_at=PRESENT - timedelta(hours=1) + timedelta(seconds=place),
        )
    )
    session.flush()


def test_figures_add_up_to_what_is_stored(database: Database, seeded: Seed) -> None:
    experiment = seeded(iterations_done=2, planned_iterations=2, train=4, held_out=3)
    with database.reading() as session:
        repository = WorkRepository(session)
        labels = label_figure(repository, View(), PRESENT)
        throughput = throughput_figure(repository, View(), PRESENT)
        found = work_summary(repository, View(), PRESENT)
        given = session.scalars(select(LabelEvent).where(LabelEvent.outcome != "withdrawn")).all()
        executed = session.scalars(select(Trial).where(Trial.status == "executed")).all()
    assert labels.days == throughput.days
    assert (labels.days[-1], len(labels.days)) == ("2026-03-03", 30)
    assert sum(bar.value or 0 for row in labels.rows for bar in row.bars) == len(given) == found.labels
    hours = {each.executed_at.strftime("%Y-%m-%d %H") for each in executed if each.executed_at}
    assert found.trials == len(executed)
    assert found.trials_per_hour == round(len(executed) / len(hours), 2)
    assert found.decisions <= SAMPLE
    assert found.operators[0].labels == len(given)
    with database.reading() as session:
        narrow = work_summary(WorkRepository(session), View(method="ndp"), PRESENT)
    assert (narrow.labels, narrow.trials, narrow.decisions, narrow.first_labels) == (0, 0, 0, 0)
    assert experiment.method == "hndp"


def test_times_of_a_view_are_those_of_its_experiments(database: Database, seeded: Seed) -> None:
    for name, method in (("One", "hndp"), ("Two", "ndp")):
        made = seeded(name=name, iterations_done=1, planned_iterations=1, train=4, held_out=3)
        with database.transaction() as session:
            session.get_one(Experiment, made.id).method = method
    with database.reading() as session:
        repository = WorkRepository(session)
        whole, *parts = (
            work_summary(repository, View(method=method), PRESENT) for method in ("", "hndp", "ndp")
        )
    assert whole.labels == sum(each.labels for each in parts) > 0
    assert whole.first_labels == sum(each.first_labels for each in parts)


def test_up_time_is_told_by_day(database: Database) -> None:
    day = PRESENT.replace(hour=0)
    with database.transaction() as session:
        bench(session)
        for began, ended in ((-24, -12), (-6, 3)):
            started, seen = (day + timedelta(hours=hour) for hour in (began, ended))
            session.add(ProcessRun(name="cell-cell", kind="cell", started_at=started, seen_at=seen))
    with database.reading() as session:
        figure = up_time_figure(WorkRepository(session), View(days=7), PRESENT)
    (row,) = figure.rows
    assert [bar.value for bar in row.bars] == [None] * 5 + [75.0, 25.0]
    assert row.total == "up 58.3 % of the time"
