"""What counts as a trial, held against a naive oracle that replays the events in Python."""

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from app.accounts.service import ensure_user
from app.cells.models import Cell
from app.dashboards.counting import STATES
from app.dashboards.repository import DashboardRepository
from app.dashboards.success_figure import success_figure
from app.experiments.models import Experiment, Region
from app.platform.database import Database
from app.training.models import Iteration, Policy
from app.trials.models import LabelEvent, Trial
from hndp_core.evaluation.success_rate import SuccessRate
from hndp_core.hierarchy.datasets import TrialSet

from .conftest import Seed

EVENTS = st.lists(st.sampled_from(["success", "failure", "invalid", "withdrawn"]), max_size=4)


@dataclass(frozen=True)
class Attempt:
    """One run of a planned trial: its status, and what was said of it in order."""

    status: str
    events: tuple[str, ...]


@dataclass(frozen=True)
class Slot:
    """One planned trial with all its runs."""

    iteration: int
    purpose: str
    region: int
    repeat: int
    simulated: bool
    attempts: tuple[Attempt, ...]


def executed(events: list[str]) -> Attempt:
    return Attempt("executed", tuple(events))


LAST = st.one_of(
    EVENTS.map(executed), st.sampled_from(["planned", "running", "cancelled"]).map(lambda s: Attempt(s, ()))
)
SLOTS = st.lists(
    st.builds(
        Slot,
        iteration=st.integers(1, 2),
        purpose=st.sampled_from(["gate", "held_out", "local"]),
        region=st.integers(1, 3),
        repeat=st.integers(1, 2),
        simulated=st.booleans(),
        attempts=st.builds(
            lambda before, last: (*before, last), st.lists(EVENTS.map(executed), max_size=2), LAST
        ),
    ),
    max_size=12,
    unique_by=lambda slot: (slot.iteration, slot.purpose, slot.region, slot.repeat),
)


def oracle(slots: list[Slot]) -> Counter:
    """The definition in words, followed step by step."""
    counted: Counter = Counter()
    for slot in slots:
        if slot.purpose == "local":
            continue
        last = slot.attempts[-1]
        if last.status == "cancelled":
            state = "cancelled"
        elif last.status in ("planned", "running"):
            state = "pending"
        elif not last.events or last.events[-1] == "withdrawn":
            state = "unlabelled"
        else:
            state = last.events[-1]
        counted[slot.iteration, slot.purpose, slot.simulated, state] += 1
    return counted


@dataclass
class Bench:
    """An experiment with two iterations and three regions, to which slots are added."""

    session: Session
    experiment: int
    cell: int
    author: int
    iterations: dict[int, int]
    policies: dict[int, int]
    regions: dict[int, int]
    keys: int = 0

    def store(self, slots: list[Slot]) -> None:
        for slot in slots:
            for attempt, run in enumerate(slot.attempts, start=1):
                self._store(slot, attempt, run)
        self.session.flush()

    def _store(self, slot: Slot, attempt: int, run: Attempt) -> None:
        done = run.status == "executed"
        trial = Trial(
            iteration_id=self.iterations[slot.iteration],
            region_id=self.regions[slot.region],
            policy_id=self.policies[slot.iteration],
            cell_id=self.cell,
            purpose=slot.purpose,
            repeat=slot.repeat,
            attempt=attempt,
            simulated=slot.simulated,
            status=run.status,
            artefact_key="trials/0" if done else None,
            sha256="0" * 64 if done else None,
            executed_at=datetime(2026, 1, 1, tzinfo=UTC) if done else None,
        )
        self.session.add(trial)
        self.session.flush()
        for outcome in run.events:
            self.keys += 1
            self.session.add(
                LabelEvent(
                    trial_id=trial.id, author_id=self.author, outcome=outcome, request_key=f"key-{self.keys}"
                )
            )


def bench(session: Session) -> Bench:
    author, cell = ensure_user(session, "Operator", "operator"), Cell(name="cell", robot="simulated")
    session.add_all([author, cell])
    session.flush()
    experiment = Experiment(
        name="Counted",
        task="scooping",
        method="hndp",
        seed=0,
        iterations=2,
        trials_per_region=1,
        layout_seed=0,
        settings={},
        cell_id=cell.id,
        created_by_id=author.id,
    )
    session.add(experiment)
    session.flush()
    regions = [
        Region(experiment_id=experiment.id, index=n, name=f"T{n}", split="train", x_m=0.5, y_m=0.1 * n)
        for n in (1, 2, 3)
    ]
    iterations = [Iteration(experiment_id=experiment.id, number=n) for n in (1, 2)]
    session.add_all([*regions, *iterations])
    session.flush()
    policies = [
        Policy(iteration_id=each.id, kind="global", artefact_key=f"policies/{each.id}", sha256="0" * 64)
        for each in iterations
    ]
    session.add_all(policies)
    session.flush()
    return Bench(
        session,
        experiment.id,
        cell.id,
        author.id,
        {n: each.id for n, each in enumerate(iterations, start=1)},
        {n: each.id for n, each in enumerate(policies, start=1)},
        {n: each.id for n, each in enumerate(regions, start=1)},
    )


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(SLOTS)
def test_counts_are_those_of_the_oracle(database: Database, slots: list[Slot]) -> None:
    with database.engine.connect() as connection, connection.begin() as transaction:
        session = Session(connection)
        stored = bench(session)
        stored.store(slots)
        found = DashboardRepository(session, stored.experiment).state_counts()
        counted = {
            (number, purpose, bool(simulated), state): n for number, purpose, simulated, state, n in found
        }
        session.close()
        transaction.rollback()
    assert counted == oracle(slots)
    assert {state for *_, state in counted} <= set(STATES)


def test_series_of_simulated_and_real_robots_are_never_pooled(database: Database) -> None:
    slots = [Slot(1, "gate", region, 1, region == 1, (executed(["success"]),)) for region in (1, 2, 3)]
    with database.transaction() as session:
        stored = bench(session)
        stored.store(slots)
        figure = success_figure(DashboardRepository(session, stored.experiment))
    assert [(each.title, each.points[0].trials) for each in figure.series] == [
        ("Train regions, real robot", 2),
        ("Train regions, simulated robot", 1),
    ]


def test_rates_are_those_of_the_command_line(database: Database, seeded: Seed) -> None:
    """`hndp run` counts the trials of its `TrialSet`: the last attempts with their labels."""
    experiment = seeded(iterations_done=2, planned_iterations=2)
    with database.reading() as session:
        repository = DashboardRepository(session, experiment.id)
        figure = success_figure(repository)
        trials = repository.judged_trials()
    held_out = {region.id for region in experiment.regions if region.split == "held_out"}
    for series in figure.series:
        for point in series.points:
            here = [
                each
                for each in trials
                if each.iteration == point.iteration
                and (each.region_id in held_out) == (series.split == "held_out")
            ]
            theirs = TrialSet(
                regions=np.arange(len(here)),
                labels=np.array([each.state for each in here], dtype="U7"),
                images=np.zeros((len(here), 1, 1, 3), np.uint8),
                states=np.zeros((len(here), 2)),
                starts=np.zeros((len(here), 7)),
                trajectories=np.zeros((len(here), 1, 7)),
            )
            assert (point.successes, point.trials) == (theirs.successes, theirs.counted)
            assert (point.low, point.high) == SuccessRate(theirs.successes, theirs.counted).interval()


def test_every_valid_trial_of_a_region_counts_not_its_majority(database: Database) -> None:
    slots = [
        Slot(1, "gate", 1, repeat, True, (executed([outcome]),))
        for repeat, outcome in enumerate(["success", "success", "failure"], start=1)
    ]
    with database.transaction() as session:
        stored = bench(session)
        stored.store(slots)
        point = success_figure(DashboardRepository(session, stored.experiment)).series[0].points[0]
    assert (point.successes, point.trials) == (2, 3)


@pytest.mark.parametrize(
    ("attempts", "counts"),
    [
        ([["success", "withdrawn"]], (0, 0, 1, 0)),
        ([["failure", "withdrawn", "success"]], (1, 1, 0, 0)),
        ([["invalid"]], (0, 0, 0, 1)),
        ([["invalid"], ["failure"]], (0, 1, 0, 0)),
        ([["invalid", "success"], []], (0, 0, 1, 0)),
    ],
)
def test_cases_by_hand(
    database: Database, attempts: list[list[str]], counts: tuple[int, int, int, int]
) -> None:
    slot = Slot(1, "held_out", 1, 1, True, tuple(executed(events) for events in attempts))
    with database.transaction() as session:
        stored = bench(session)
        stored.store([slot])
        point = success_figure(DashboardRepository(session, stored.experiment)).series[0].points[0]
    assert (point.successes, point.trials, point.unlabelled, point.invalid) == counts
