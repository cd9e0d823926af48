import pytest
from fastapi.testclient import TestClient

from app.accounts.models import User
from app.platform.database import Database
from app.platform.settings import Settings

from .evaluation_desk import EvaluationDesk, seed_rivals


@pytest.fixture
def desk(client: TestClient, database: Database, settings: Settings, user: User) -> EvaluationDesk:
    with database.transaction() as session:
        seed_rivals(session, settings.artefacts, session.merge(user), iterations=2, train=3, held_out=2)
    return EvaluationDesk(client, database, settings.artefacts)
