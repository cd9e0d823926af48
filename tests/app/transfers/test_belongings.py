"""What two experiments share belongs to neither alone."""

import pytest
from sqlalchemy import select

from app.accounts.models import User
from app.bin.erasing import erase
from app.experiments.models import Experiment
from app.platform.database import Database
from app.platform.errors import Conflict
from app.platform.settings import Settings
from app.training.models import Iteration, Policy
from app.transfers.belongings import belongings
from app.trials.models import Trial
from tests.app.seeded_experiment import seed_experiment


@pytest.fixture
def tied(database: Database, settings: Settings, user: User, experiment: Experiment) -> int:
    """Id of another experiment, one trial of which ran a policy of the first one."""
    with database.transaction() as session:
        other = seed_experiment(
            session,
            settings.artefacts,
            user,
            iterations_done=1,
            planned_iterations=1,
            train=2,
            held_out=1,
            name="Another one",
        )
        policy = session.scalars(
            select(Policy).join(Iteration).where(Iteration.experiment_id == experiment.id).limit(1)
        ).one()
        trial = session.scalars(
            select(Trial).join(Iteration).where(Iteration.experiment_id == other.id).limit(1)
        ).one()
        trial.policy_id = policy.id
        return other.id


def test_a_tie_belongs_to_neither(database: Database, experiment: Experiment, tied: int) -> None:
    with database.reading() as session:
        for each in (experiment.id, tied):
            found = belongings(session, "experiments", [each])
            assert [len(rows) for name, rows in found.ties.items() if name == "trials"] == [1]
        both = belongings(session, "experiments", [experiment.id, tied])
        assert both.ties == {}


def test_what_something_rests_on_is_not_deleted(
    database: Database, experiment: Experiment, tied: int
) -> None:
    with pytest.raises(Conflict, match="rests on it"), database.transaction() as session:
        erase(session, "experiments", [experiment.id])
    with database.reading() as session:
        assert session.get(Experiment, experiment.id) is not None
