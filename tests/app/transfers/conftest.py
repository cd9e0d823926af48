from collections.abc import Callable
from pathlib import Path

import pytest

from app.accounts.models import User
from app.experiments.models import Experiment
from app.platform.database import Database
from app.platform.settings import Settings
from app.transfers.archive_writing import write_archive
from tests.app.seeded_experiment import seed_experiment


@pytest.fixture(autouse=True)
def no_waiting_for_the_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Thousands of small files go through the store here, and none must survive a power cut."""
    monkeypatch.setattr("os.fsync", lambda _descriptor: None)


@pytest.fixture
def experiment(database: Database, settings: Settings, user: User) -> Experiment:
    """Two iterations done, with a binned demonstration, corrected labels, and an outdated gate."""
    with database.transaction() as session:
        return seed_experiment(
            session, settings.artefacts, user, iterations_done=2, planned_iterations=2, train=4, held_out=1
        )


@pytest.fixture
def archive(
    database: Database, settings: Settings, experiment: Experiment, tmp_path: Path
) -> Callable[[], Path]:
    """Writes the experiment into a new file."""

    def archive() -> Path:
        file = tmp_path / "scooping.zip"
        write_archive(database, settings.artefacts, experiment.id, file, lambda *_: None)
        return file

    return archive
