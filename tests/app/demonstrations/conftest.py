"""A draft of three train regions: the first two are demonstrated."""

from dataclasses import dataclass

import pytest
from fastapi.testclient import TestClient
from httpx import Response
from sqlalchemy import select, text

from app.accounts.models import User
from app.demonstrations.models import Demonstration
from app.experiments.models import Experiment
from app.platform.database import Database
from app.platform.settings import Settings

from ..seeded_experiment import seed_experiment


@dataclass(frozen=True)
class Draft:
    """An experiment before its start, and a signed-in operator."""

    client: TestClient
    database: Database
    experiment_id: int
    page: str

    def act(self, demonstration_id: int, act: str) -> Response:
        return self.client.post(f"/demonstrations/{demonstration_id}/{act}", headers={"HX-Request": "true"})

    def board(self, act: str) -> Response:
        return self.client.post(f"{self.page}/{act}", headers={"HX-Request": "true"})

    def rows(self, region: str) -> list[tuple[int, int, str]]:
        """Id, take and status of the demonstrations of a region, by take."""
        with self.database.reading() as session:
            return [
                (row.id, row.take, row.status)
                for row in session.scalars(select(Demonstration).order_by(Demonstration.take))
                if row.region.name == region
            ]

    def statuses(self, region: str) -> list[str]:
        return [status for _, _, status in self.rows(region)]

    def change(self, demonstration_id: int, **values: object) -> None:
        with self.database.transaction() as session:
            row = session.get_one(Demonstration, demonstration_id)
            for name, value in values.items():
                setattr(row, name, value)

    def start(self) -> None:
        with self.database.transaction() as session:
            session.get_one(Experiment, self.experiment_id).status = "running"

    def jobs(self) -> list[str]:
        """Ids of the jobs that were asked for."""
        table = "workflow_status" if self.database.engine.dialect.name == "sqlite" else "dbos.workflow_status"
        with self.database.reading() as session:
            return list(session.scalars(text(f"SELECT workflow_uuid FROM {table} ORDER BY created_at")))


@pytest.fixture
def draft(client: TestClient, database: Database, settings: Settings, user: User) -> Draft:
    with database.transaction() as session:
        experiment = seed_experiment(
            session,
            settings.artefacts,
            session.merge(user),
            iterations_done=0,
            demonstrated=2,
            train=3,
            held_out=1,
        )
    return Draft(client, database, experiment.id, f"/experiments/{experiment.id}/demonstrations")
