"""The commands that take data out of the studio and back in."""

from pathlib import Path

import pytest
from sqlalchemy import select
from typer.testing import CliRunner, Result

from app.accounts.models import User
from app.cli import app
from app.demonstrations.models import Motion
from app.experiments.models import Experiment, Region
from app.platform.database import Database
from app.platform.settings import Settings
from app.sample.service import SAMPLE_NAME
from hndp_core.data.dataset import read_dataset
from tests.app.seeded_experiment import seed_experiment


@pytest.fixture(autouse=True)
def no_waiting_for_the_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.fsync", lambda _descriptor: None)


@pytest.fixture
def experiment(
    database: Database, settings: Settings, user: User, monkeypatch: pytest.MonkeyPatch
) -> Experiment:
    monkeypatch.setenv("HNDP_DATA_DIR", str(settings.data_dir))
    monkeypatch.setenv("HNDP_DATABASE_URL", settings.resolved_database_url)
    with database.transaction() as session:
        return seed_experiment(
            session, settings.artefacts, user, iterations_done=1, planned_iterations=1, train=2, held_out=1
        )


def _run(*words: str | Path) -> Result:
    return CliRunner().invoke(app, [str(each) for each in words])


def test_demonstrations_go_out_and_come_back_as_motions(
    database: Database, settings: Settings, user: User, experiment: Experiment, tmp_path: Path
) -> None:
    out = tmp_path / "set"
    done = _run("export", experiment.name, "--format", "npz", "--trials", "none", "--out", out)
    assert done.exit_code == 0, done.output
    assert "2 episodes" in done.output
    with database.transaction() as session:
        draft = seed_experiment(
            session, settings.artefacts, user, iterations_done=0, demonstrated=0, train=2, name="A draft"
        )
    assert "2 motions" in _run("import", out, str(draft.id)).output
    with database.reading() as session:
        regions = session.scalars(
            select(Region.name).join(Motion).where(Motion.status == "waiting").order_by(Region.name)
        ).all()
    assert regions == [each.facts.region for each in read_dataset(out)]


def test_an_archive_is_restored_under_another_name(
    database: Database, experiment: Experiment, tmp_path: Path
) -> None:
    assert _run("archive", str(experiment.id), tmp_path / "whole.zip").exit_code == 0
    refused = _run("restore-experiment", tmp_path / "whole.zip")
    assert refused.exit_code == 2
    assert "already" in refused.output
    assert _run("restore-experiment", tmp_path / "whole.zip", "--name", "A copy").exit_code == 0
    with database.reading() as session:
        assert session.scalars(select(Experiment.name).order_by(Experiment.id)).all()[-1] == "A copy"


def test_the_sample_is_loaded_once(database: Database, experiment: Experiment) -> None:
    assert _run("sample").exit_code == 0
    refused = _run("sample")
    assert refused.exit_code == 2
    assert "already" in refused.output
    with database.reading() as session:
        assert session.scalars(select(Experiment.name).order_by(Experiment.id)).all()[1:] == [SAMPLE_NAME]


def test_what_would_be_deleted_is_told_first(
    settings: Settings, experiment: Experiment, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = settings.artefacts.all_keys()
    assert "1 demonstrations from the bin" in _run("retention", "--dry-run").output
    assert settings.artefacts.all_keys() == before
    _run("retention")
    assert "everything is kept" in _run("retention", "--dry-run").output
    assert len(settings.artefacts.all_keys()) < len(before)


def test_an_unknown_experiment_is_no_traceback(experiment: Experiment, tmp_path: Path) -> None:
    refused = _run("export", "nothing of that name", "--out", tmp_path / "set")
    assert refused.exit_code == 2
    assert "There is no experiment" in refused.output
