import pytest
from fastapi.testclient import TestClient

from app.accounts.models import User
from app.platform.database import Database
from app.platform.settings import Settings

from ..seeded_experiment import seed_experiment
from .evaluation_desk import NAMES, EvaluationDesk


@pytest.fixture
def desk(client: TestClient, database: Database, settings: Settings, user: User) -> EvaluationDesk:
    with database.transaction() as session:
        for seed, name in enumerate(NAMES):
            seed_experiment(
                session,
                settings.artefacts,
                session.merge(user),
                iterations_done=2,
                planned_iterations=2,
                train=3,
                held_out=2,
                name=name,
                seed=seed,
            )
    return EvaluationDesk(client, database, settings.artefacts)
