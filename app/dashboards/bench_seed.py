"""A database of very many trials and label events over forty experiments, for the bench of the dashboards.

Deterministic: the same arguments give the same rows. Nothing lies in the artefact store: no dashboard opens a
trial's files but the figure of trajectories.
"""

from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any, Final

import numpy as np
from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.accounts.service import ensure_user
from app.cells.models import Cell, ProcessRun
from app.demonstrations.models import Demonstration
from app.experiments.models import Experiment, Region
from app.platform.database import Database
from app.training.models import Gate, Iteration, Policy, Step
from app.trials.models import LabelEvent, Trial
from hndp_core.hierarchy import RefinementConfig
from hndp_core.hierarchy.methods import METHODS
from hndp_core.tasks import get_task, task_names

EXPERIMENTS: Final = 40
TRAIN, REPEATS, HELD_OUT = 16, 5, 20
TRIALS_AN_ITERATION: Final = TRAIN * REPEATS + HELD_OUT
OPERATORS, CELLS = 8, 4
EVENTS_A_TRIAL: Final = 3
TRIAL_S, LABEL_S = 24.0, 3.0
_NO_HASH: Final = "0" * 64


def seed_dashboards(database: Database, trials: int, end: datetime) -> tuple[int, int, int]:
    """Store trials up to the given moment, each with three label events.

    Returns:
        the id of one of the experiments, and the numbers of trials and of label events
    """
    iterations = max(1, round(trials / (EXPERIMENTS * TRIALS_AN_ITERATION)))
    generator = np.random.default_rng(0)
    with database.transaction() as session:
        people = [ensure_user(session, f"Operator {n}", "operator") for n in range(1, OPERATORS + 1)]
        cells = _cells(session, end)
        session.flush()
        experiments = [_experiment(session, n, iterations, cells, people, end) for n in range(EXPERIMENTS)]
    counted = 0
    for experiment in experiments:
        with database.transaction() as session:
            counted += _fill(session, experiment, people, generator, end)
    _analyse(database)
    return experiments[-1].id, counted, counted * EVENTS_A_TRIAL


def _cells(session: Session, end: datetime) -> list[Cell]:
    """Cells that run for nine hours on every day; the last one has a real arm."""
    cells = [
        Cell(name=f"cell {n}", robot="franka" if n == CELLS else "simulated") for n in range(1, CELLS + 1)
    ]
    session.add_all(cells)
    for cell in cells:
        for day in range(365):
            begin = end - timedelta(days=day, hours=10)
            run = ProcessRun(
                name=f"cell-{cell.name}", kind="cell", started_at=begin, seen_at=begin + timedelta(hours=9)
            )
            session.add(run)
    return cells


def _experiment(
    session: Session, number: int, iterations: int, cells: list[Cell], people: list[User], end: datetime
) -> Experiment:
    """A finished experiment, or, one in eight, a running one."""
    names, methods = task_names(), list(METHODS)
    task = get_task(names[number % len(names)])
    running = number % 8 == 7
    config = RefinementConfig(iterations=iterations, trials_per_region=REPEATS)
    begin = end - timedelta(days=360 - 9 * number)
    experiment = Experiment(
        name=f"Experiment {number + 1}",
        task=task.key,
        method=methods[number % 5],
        status="running" if running else "finished",
        seed=number % 4,
        iterations=iterations + running,
        trials_per_region=REPEATS,
        second_rater_share=0.1,
        layout_seed=0,
        settings=asdict(config),
        cell_id=cells[number % CELLS].id,
        created_by_id=people[number % 3].id,
        created_at=begin,
        started_at=begin,
        finished_at=None if running else end,
        regions=[
            Region(index=each.index, name=each.name, split=each.split, x_m=each.x_m, y_m=each.y_m)
            for each in task.layout(TRAIN, HELD_OUT)
        ],
    )
    session.add(experiment)
    session.flush()
    return experiment


def _fill(
    session: Session,
    experiment: Experiment,
    people: list[User],
    generator: np.random.Generator,
    end: datetime,
) -> int:
    """Store what is known of one experiment; returns the number of its trials."""
    session.add(experiment)
    maker = experiment.created_by_id
    session.add_all(
        Demonstration(
            region_id=region.id, take=1, source="teacher", status="accepted", artefact_key="none",
            sha256=_NO_HASH, created_by_id=maker, recorded_at=experiment.created_at,
        )
        for region in experiment.regions
        if region.split == "train"
    )  # fmt: skip
    done = experiment.iterations - (experiment.status == "running")
    clock = experiment.created_at
    step = min(timedelta(seconds=TRIAL_S), (end - clock) / (done * TRIALS_AN_ITERATION * 2))
    for number in range(1, done + 1):
        iteration = Iteration(experiment_id=experiment.id, number=number, created_at=clock, finished_at=clock)
        session.add(iteration)
        session.flush()
        policy = Policy(iteration_id=iteration.id, kind="global", artefact_key="none", sha256=_NO_HASH)
        session.add_all(
            [policy, Step(iteration_id=iteration.id, kind="labelling", position=0, status="done")]
        )
        session.flush()
        rows = _trials(experiment, iteration, policy, generator, clock, step)
        session.execute(insert(Trial), rows)
        session.execute(update(Trial).where(Trial.iteration_id == iteration.id).values(status="executed"))
        _label(session, iteration, rows, people, generator)
        _set_gates(session, experiment, iteration)
        clock += step * TRIALS_AN_ITERATION + timedelta(hours=2) * (step.total_seconds() >= TRIAL_S)
    return done * TRIALS_AN_ITERATION


def _trials(
    experiment: Experiment,
    iteration: Iteration,
    policy: Policy,
    generator: np.random.Generator,
    clock: datetime,
    step: timedelta,
) -> list[dict[str, Any]]:
    """Planned trials of one iteration, with all that being executed brings."""
    simulated = experiment.cell_id % CELLS != 0
    begun = [clock + step * turn for turn in range(TRIALS_AN_ITERATION + 1)]
    places = [
        ("held_out" if region.split == "held_out" else "gate", region.id, repeat)
        for region in experiment.regions
        for repeat in range(1, 2 if region.split == "held_out" else REPEATS + 1)
    ]
    spread = generator.lognormal(0.0, 0.4, (len(places), 4))
    return [
        {
            "iteration_id": iteration.id, "region_id": region, "policy_id": policy.id,
            "cell_id": experiment.cell_id, "purpose": purpose, "repeat": repeat, "attempt": 1,
            "status": "planned", "simulated": simulated, "second_rated": place % 10 == 0,
            "arm_s": round(TRIAL_S * spread[place, 0], 2), "squared_jerk": 8.0 * spread[place, 1],
            "velocity_share": min(1.0, 0.4 * spread[place, 2]),
            "acceleration_share": min(1.0, 0.3 * spread[place, 3]),
            "artefact_key": "none", "sha256": _NO_HASH,
            "created_at": clock, "started_at": begun[place], "executed_at": begun[place + 1],
        }
        for place, (purpose, region, repeat) in enumerate(places)
    ]  # fmt: skip


def _label(
    session: Session,
    iteration: Iteration,
    rows: list[dict[str, Any]],
    people: list[User],
    generator: np.random.Generator,
) -> None:
    """Three events for each trial: of most a judgement that is said again with its credit, then corrected or
    confirmed; of one in ten a second rating."""
    trials = _ids(session, iteration)
    chances = generator.random((len(trials), EVENTS_A_TRIAL))
    shift = iteration.id % (OPERATORS - 1)
    events = []
    for place, (trial, row) in enumerate(zip(trials, rows, strict=True)):
        author, other = people[shift].id, people[shift + 1].id
        judged = "success" if chances[place, 0] < 0.5 + 0.02 * min(20, iteration.number) else "failure"
        third = judged if chances[place, 1] < 0.9 else "failure"
        told = [("first", author, judged), ("first", author, judged)]
        told.append(("second", other, third) if row["second_rated"] else ("first", author, third))
        at = row["executed_at"] + timedelta(seconds=30.0)
        for turn, (rating, by, outcome) in enumerate(told):
            at += timedelta(seconds=LABEL_S * (0.5 + float(chances[place, turn])))
            score = 1.0 if outcome == "success" else round(float(chances[place, 2]), 2)
            events.append(
                {
                    "trial_id": trial, "author_id": by, "outcome": outcome, "rating": rating, "score": score,
                    "request_key": f"seeded/{trial}/{turn}", "created_at": at,
                }
            )  # fmt: skip
    session.execute(insert(LabelEvent), events)


def _set_gates(session: Session, experiment: Experiment, iteration: Iteration) -> None:
    """Gates whose hash is that of no events: all of them show as outdated, which costs the figures most."""
    session.add_all(
        Gate(iteration_id=iteration.id, region_id=region.id, value=region.index % 2, label_hash=_NO_HASH)
        for region in experiment.regions
        if region.split == "train"
    )


def _ids(session: Session, iteration: Iteration) -> list[int]:
    """The trials of an iteration in the order in which they were stored."""
    return list(
        session.scalars(select(Trial.id).where(Trial.iteration_id == iteration.id).order_by(Trial.id))
    )


def _analyse(database: Database) -> None:
    """Let PostgreSQL look at what it holds, as it does by itself in time; SQLite never does."""
    if database.engine.dialect.name != "postgresql":
        return
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE")
