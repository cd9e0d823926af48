"""An operator at a small experiment whose trials wait for labels."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from fastapi.testclient import TestClient
from httpx import Response
from sqlalchemy import ColumnElement, select, text

from app.accounts.models import User
from app.platform.database import Database
from app.platform.durable import Jobs
from app.platform.settings import Settings
from app.training.models import Iteration
from app.trials.models import LabelEvent, Trial

from ..seeded_experiment import seed_experiment

JSON = {"accept": "application/json"}
PAGE = "0" * 32
"""The name of an open label page."""


@dataclass(frozen=True)
class Desk:
    """A signed-in operator, and the experiment before them."""

    client: TestClient
    database: Database
    experiment_id: int

    def trials(self, purpose: str, *conditions: ColumnElement[bool]) -> list[int]:
        """Ids of the experiment's trials by region."""
        with self.database.reading() as session:
            return list(
                session.scalars(
                    select(Trial.id)
                    .join(Iteration)
                    .where(
                        Iteration.experiment_id == self.experiment_id,
                        Trial.purpose == purpose,
                        *conditions,
                    )
                    .order_by(Trial.id)
                )
            )

    def waiting(self, purpose: str = "gate") -> list[int]:
        """Ids of the executed trials that were never labelled."""
        return self.trials(purpose, ~Trial.labels.any(), Trial.status == "executed")

    def label(
        self, trial_id: int, outcome: str = "success", key: str = "key-00000001", **more: object
    ) -> Response:
        fields = {"outcome": outcome, "request_key": key, **more}
        return self.client.post(f"/trials/{trial_id}/labels", data=fields, headers=JSON)

    def undo(self, key: str = "undo-0000001", **more: object) -> Response:
        fields = {"experiment_id": self.experiment_id, "request_key": key, **more}
        return self.client.post("/labels/undo", data=fields, headers=JSON)

    def events(self, trial_id: int) -> list[str]:
        """Outcomes of a trial's label events, the oldest first."""
        with self.database.reading() as session:
            return list(
                session.scalars(
                    select(LabelEvent.outcome).where(LabelEvent.trial_id == trial_id).order_by(LabelEvent.id)
                )
            )

    def news(self) -> int:
        """Number of messages for the refinement."""
        table = "notifications" if self.database.engine.dialect.name == "sqlite" else "dbos.notifications"
        with self.database.reading() as session:
            return session.execute(text(f"SELECT count(*) FROM {table}")).scalar_one()


@pytest.fixture
def seed(database: Database, settings: Settings, user: User) -> Callable[..., int]:
    """seed(**plan) stores an experiment of three train and five held-out regions; returns its id."""

    def seed(**plan: object) -> int:
        plan = {"train": 3, "held_out": 5, "planned_iterations": 2, **plan}
        with database.transaction() as session:
            experiment = seed_experiment(session, settings.artefacts, session.merge(user), **plan)  # type: ignore[arg-type]
            jobs = Jobs(database.engine)
            jobs.start_refinement(session, experiment.id)
            jobs.close()
            return experiment.id

    return seed


@pytest.fixture
def desk(client: TestClient, database: Database, seed: Callable[..., int]) -> Desk:
    """The first iteration is run; three gate trials and five held-out ones wait for labels."""
    return Desk(client, database, seed(iterations_done=1, waiting_labels=3, waiting_held_out=5))
