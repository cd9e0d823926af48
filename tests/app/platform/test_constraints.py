"""Wrong states that the database itself refuses, whoever writes."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import delete, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session

from app.accounts.models import User
from app.cells.models import Cell
from app.demonstrations.models import Demonstration
from app.experiments.models import Experiment, Region
from app.platform.database import Database
from app.platform.model import now
from app.training.models import Gate, Iteration, Policy, Step
from app.trials.models import Assignment, LabelEvent, Trial


def plan_of(user: User, cell: Cell, **changes: Any) -> Experiment:
    values: dict[str, Any] = {
        "name": "First",
        "task": "scooping",
        "method": "hndp",
        "seed": 0,
        "iterations": 1,
        "trials_per_region": 1,
        "layout_seed": 0,
        "settings": {},
        "cell_id": cell.id,
        "created_by_id": user.id,
    }
    return Experiment(**(values | changes))


class Loop:
    """One row of each table, in order."""

    def __init__(self, session: Session) -> None:
        self.user = User(name="Operator", role="operator")
        self.cell = Cell(name="simulated", robot="simulated")
        self._add(session, self.user, self.cell)
        self.experiment = plan_of(self.user, self.cell)
        self._add(session, self.experiment)
        self.region = Region(
            experiment_id=self.experiment.id, index=1, name="T1", split="train", x_m=0.5, y_m=0.0
        )
        self.iteration = Iteration(experiment_id=self.experiment.id, number=1)
        self._add(session, self.region, self.iteration)
        self.policy = Policy(iteration_id=self.iteration.id, kind="global", artefact_key="p", sha256="0" * 64)
        self._add(session, self.policy)
        self.trial = Trial(
            iteration_id=self.iteration.id,
            region_id=self.region.id,
            policy_id=self.policy.id,
            cell_id=self.cell.id,
            purpose="gate",
            repeat=1,
            attempt=1,
            simulated=True,
        )
        self._add(session, self.trial)
        self.label = LabelEvent(
            trial_id=self.trial.id, author_id=self.user.id, outcome="success", request_key="k1"
        )
        self._add(session, self.label)

    @staticmethod
    def _add(session: Session, *rows: object) -> None:
        session.add_all(rows)
        session.flush()


@pytest.fixture
def loop(database: Database) -> Loop:
    with database.transaction() as session:
        return Loop(session)


def gate(loop: Loop, value: int = 1) -> Gate:
    return Gate(iteration_id=loop.iteration.id, region_id=loop.region.id, value=value, label_hash="0" * 64)


def label(loop: Loop, **changes: Any) -> LabelEvent:
    values = {"trial_id": loop.trial.id, "author_id": loop.user.id, "outcome": "failure", "request_key": "k2"}
    return LabelEvent(**(values | changes))


def demonstration(loop: Loop, **changes: Any) -> Demonstration:
    values: dict[str, Any] = {
        "region_id": loop.region.id,
        "take": 1,
        "source": "teacher",
        "status": "accepted",
        "artefact_key": "d",
        "sha256": "0" * 64,
        "created_by_id": loop.user.id,
    }
    return Demonstration(**(values | changes))


WRONG: dict[str, Callable[[Loop], list[object]]] = {
    "two gates for one region and iteration": lambda loop: [gate(loop, 1), gate(loop, 0)],
    "a gate that is neither open nor closed": lambda loop: [gate(loop, 2)],
    "a label without an author": lambda loop: [label(loop, author_id=None)],
    "a label by somebody unknown": lambda loop: [label(loop, author_id=999)],
    "a label of no trial": lambda loop: [label(loop, trial_id=999)],
    "a label of an unknown outcome": lambda loop: [label(loop, outcome="maybe")],
    "a label of an unknown rating": lambda loop: [label(loop, rating="third")],
    "a label with more than the whole score": lambda loop: [label(loop, score=1.5)],
    "an assignment of nothing": lambda loop: [Assignment(user_id=loop.user.id, created_by_id=loop.user.id)],
    "an experiment with more second ratings than trials": lambda loop: [
        plan_of(loop.user, loop.cell, name="Other", second_rater_share=1.1)
    ],
    "the same label twice": lambda loop: [label(loop, request_key="k1")],
    "two experiments of one name": lambda loop: [plan_of(loop.user, loop.cell)],
    "an experiment on no cell": lambda loop: [plan_of(loop.user, loop.cell, name="Other", cell_id=None)],
    "two trials of one plan": lambda loop: [
        Trial(
            iteration_id=loop.iteration.id,
            region_id=loop.region.id,
            policy_id=loop.policy.id,
            cell_id=loop.cell.id,
            purpose="gate",
            repeat=1,
            attempt=1,
            simulated=True,
        )
    ],
    "two accepted demonstrations of one region": lambda loop: [
        demonstration(loop),
        demonstration(loop, take=2),
    ],
    "a recorded demonstration without a recording": lambda loop: [demonstration(loop, artefact_key=None)],
    "a demonstration in the bin since never": lambda loop: [demonstration(loop, status="binned")],
    "two iterations of one number": lambda loop: [Iteration(experiment_id=loop.experiment.id, number=1)],
    "a step of no kind": lambda loop: [Step(iteration_id=loop.iteration.id, kind="lunch", position=1)],
    "a user of no role": lambda loop: [User(name="Other", role="emperor")],
}


@pytest.mark.parametrize("wrong", list(WRONG))
def test_wrong_state_is_impossible(database: Database, loop: Loop, wrong: str) -> None:
    with pytest.raises(IntegrityError), database.transaction() as session:
        session.add_all(WRONG[wrong](loop))


def test_executed_trial_must_have_its_record(database: Database, loop: Loop) -> None:
    with pytest.raises(IntegrityError), database.transaction() as session:
        session.execute(update(Trial).values(status="executed", executed_at=now()))


@pytest.mark.parametrize(
    "change",
    [update(LabelEvent).values(outcome="failure"), delete(LabelEvent)],
    ids=["update", "delete"],
)
def test_label_events_are_append_only(database: Database, loop: Loop, change: Any) -> None:
    with pytest.raises(DBAPIError, match="append-only"), database.transaction() as session:
        session.execute(change)
    with database.reading() as session:
        assert session.execute(text("SELECT outcome FROM label_events")).scalars().all() == ["success"]
