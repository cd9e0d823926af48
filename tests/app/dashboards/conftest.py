from collections.abc import Callable

import pytest

from app.accounts.models import User
from app.experiments.models import Experiment
from app.platform.database import Database
from app.platform.settings import Settings
from tests.app.seeded_experiment import seed_experiment

Seed = Callable[..., Experiment]


@pytest.fixture
def seeded(database: Database, settings: Settings, user: User) -> Seed:
    """seeded(...) stores a seeded experiment; its arguments are those of `seed_experiment`."""

    def seed(**choices) -> Experiment:
        with database.transaction() as session:
            return seed_experiment(session, settings.artefacts, user, **choices)

    return seed
