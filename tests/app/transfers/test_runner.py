"""The worker's side: what is asked for becomes a file, or an experiment, and tells how it went."""

from contextlib import closing
from pathlib import Path
from zipfile import ZipFile

import pytest

from app.accounts.models import User
from app.experiments.models import Experiment
from app.platform.database import Database
from app.platform.durable import Jobs
from app.platform.settings import Settings
from app.platform.stopping import StopSignal
from app.transfers.models import Transfer
from app.transfers.runner import TransferRunner
from app.transfers.selection import Selection
from app.transfers.service import file_name, request_archive, request_dataset, request_restoration
from hndp_core.data.dataset import read_dataset


@pytest.fixture
def runner(database: Database, settings: Settings, jobs: Jobs, tmp_path: Path) -> TransferRunner:
    return TransferRunner(database, settings.artefacts, jobs, tmp_path / "work", 7.0, StopSignal())


def _asked(database: Database, act: str, user: User, experiment: Experiment, **choice: object) -> int:
    jobs = Jobs(database.engine)
    with closing(jobs), database.transaction() as session:
        if act == "archive":
            return request_archive(session, jobs, user, experiment.id).id
        selection = Selection(**choice)  # type: ignore[arg-type]
        return request_dataset(session, jobs, user, experiment.id, selection).id


def _row(database: Database, transfer_id: int) -> Transfer:
    with database.reading() as session:
        return session.get_one(Transfer, transfer_id)


def test_a_data_set_is_offered_for_some_days(
    database: Database,
    settings: Settings,
    user: User,
    experiment: Experiment,
    runner: TransferRunner,
    tmp_path: Path,
) -> None:
    asked = _asked(database, "dataset", user, experiment, format="npz")
    assert runner.run(asked) == "done"
    row = _row(database, asked)
    assert (row.status, row.done, row.total) == ("done", 4, 4)
    assert row.expires_at is not None
    assert row.ended_at is not None
    assert (row.expires_at - row.ended_at).days == 7
    file = settings.artefacts.local_path(row.artefact_key or "")
    assert file is not None
    with ZipFile(file) as packed:
        packed.extractall(tmp_path / "unpacked")
    [folder] = (tmp_path / "unpacked").iterdir()
    assert [each.facts.region for each in read_dataset(folder)] == ["T1", "T2", "T3", "T4"]
    assert list((tmp_path / "work").iterdir()) == []


def test_a_transfer_cut_off_by_a_crash_begins_anew(
    database: Database, user: User, experiment: Experiment, runner: TransferRunner, tmp_path: Path
) -> None:
    asked = _asked(database, "dataset", user, experiment, format="npz")
    left = tmp_path / "work" / str(asked) / "scooping-first-try-npz"
    left.mkdir(parents=True)
    (left / "half.txt").write_text("left by a crash")
    with database.transaction() as session:
        session.get_one(Transfer, asked).status = "running"
    assert runner.run(asked) == "done"
    assert runner.run(asked) == "done"


def test_what_cannot_be_written_says_why(
    database: Database, user: User, experiment: Experiment, runner: TransferRunner
) -> None:
    asked = _asked(
        database, "dataset", user, experiment, purposes=("gate",), demonstrations=(), iterations=(9,)
    )
    assert runner.run(asked) == "failed"
    assert "choose more" in (_row(database, asked).note or "")


def test_the_same_is_asked_for_once(database: Database, user: User, experiment: Experiment) -> None:
    first = _asked(database, "dataset", user, experiment, format="npz")
    assert _asked(database, "dataset", user, experiment, format="npz") == first
    assert _asked(database, "dataset", user, experiment, format="csv") != first
    assert _asked(database, "archive", user, experiment) == _asked(database, "archive", user, experiment)


def test_an_archive_becomes_an_experiment_under_another_name(
    database: Database,
    settings: Settings,
    user: User,
    experiment: Experiment,
    runner: TransferRunner,
    jobs: Jobs,
) -> None:
    asked = _asked(database, "archive", user, experiment)
    assert runner.run(asked) == "done"
    key = _row(database, asked).artefact_key or ""
    settings.artefacts.write("transfers/uploads/one.zip", settings.artefacts.read(key))
    with database.transaction() as session:
        back = request_restoration(session, jobs, user, "transfers/uploads/one.zip", 1, "A copy").id
        again = request_restoration(session, jobs, user, "transfers/uploads/one.zip", 1, "A copy").id
    assert runner.run(back) == "done"
    restored = _row(database, back).experiment_id
    with database.reading() as session:
        assert session.get_one(Experiment, restored).name == "A copy"
    assert not settings.artefacts.exists("transfers/uploads/one.zip")
    assert runner.run(again) == "failed"


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("Scooping, first try", "scooping-first-try-csv.zip"),
        ("../../etc", "etc-csv.zip"),
        ("铲", "experiment-csv.zip"),
    ],
)
def test_file_names_are_plain(name: str, file: str) -> None:
    assert file_name(name, "csv") == file
