"""Data sets, archives and restorations from another machine."""

from pathlib import Path
from zipfile import ZipFile

import httpx
import pytest
from sqlalchemy import select

from app.client import file_commands
from app.client.server_access import ServerAccess
from app.client.studio_client import StudioClient, StudioUnreachable
from app.experiments.models import Experiment
from app.platform.database import Database
from app.platform.durable import Jobs
from app.platform.settings import Settings
from app.platform.stopping import StopSignal
from app.transfers.models import Transfer
from app.transfers.runner import TransferRunner
from hndp_core.data.dataset import read_dataset

from .conftest import Hndp


@pytest.fixture(autouse=True)
def worker(
    database: Database, settings: Settings, jobs: Jobs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Works whenever a command waits for it."""
    runner = TransferRunner(database, settings.artefacts, jobs, tmp_path / "work", 7.0, StopSignal())

    def work(_seconds: float) -> None:
        with database.reading() as session:
            asked = session.scalars(select(Transfer.id).where(Transfer.status == "queued")).all()
        for each in asked:
            runner.run(each)

    monkeypatch.setattr(file_commands, "sleep", work)
    monkeypatch.setattr("os.fsync", lambda _descriptor: None)


@pytest.mark.parametrize("format_name", ["lerobot", "csv", "npz"])
def test_a_data_set_comes_in_the_format_that_is_asked_for(
    hndp: Hndp, experiment: int, tmp_path: Path, format_name: str
) -> None:
    file = tmp_path / "set.zip"
    fetched = hndp("dataset", experiment, file, "--format", format_name, "--trials", "none")
    assert fetched.exit_code == 0, fetched.output
    assert fetched.stdout == f"{file}\n"
    with ZipFile(file) as packed:
        packed.extractall(tmp_path / "unpacked")
    [folder] = (tmp_path / "unpacked").iterdir()
    assert [each.facts.region for each in read_dataset(folder)] == ["T1", "T2", "T3"]
    assert "exists: name a new file" in hndp("dataset", experiment, file).stderr


def test_a_data_set_that_cannot_be_written_says_why(hndp: Hndp, experiment: int, tmp_path: Path) -> None:
    file = tmp_path / "set.zip"
    empty = hndp("dataset", experiment, file, "--demonstrations", "none", "--trials", "none")
    assert (empty.exit_code, "Choose demonstrations, trials, or both" in empty.stderr) == (2, True)
    never = hndp("dataset", experiment, file, "--demonstrations", "none", "--iterations", "9")
    assert (never.exit_code, "choose more" in never.stderr) == (2, True)
    assert "such as 1, 3-5" in hndp("dataset", experiment, file, "--iterations", "some").stderr
    assert list(tmp_path.glob("set*")) == []


def test_an_archive_is_fetched_and_restored_elsewhere(
    hndp: Hndp, experiment: int, tmp_path: Path, database: Database
) -> None:
    assert hndp("archive", experiment, tmp_path).exit_code == 0
    file = tmp_path / "scooping-first-try-archive.zip"
    taken = hndp("restore-experiment", file)
    assert (taken.exit_code, "There is an experiment" in taken.stderr) == (2, True)
    restored = hndp("restore-experiment", file, "--name", "A copy")
    with database.reading() as session:
        copy = session.scalars(select(Experiment).where(Experiment.name == "A copy")).one()
    assert restored.stdout == f"Restored as experiment {copy.id}.\n"
    broken = tmp_path / "broken.zip"
    broken.write_bytes(file.read_bytes()[:1000])
    assert "copy it again" in hndp("restore-experiment", broken).stderr
    assert hndp("restore-experiment", tmp_path / "none.zip").exit_code == 2


def test_what_was_asked_for_before_is_listed_and_fetched(
    hndp: Hndp, experiment: int, tmp_path: Path, settings: Settings
) -> None:
    hndp("archive", experiment, tmp_path / "first.zip")
    assert "archive" in hndp("exports", experiment).stdout
    assert hndp("fetch", 1, tmp_path / "again.zip").exit_code == 0
    assert (tmp_path / "again.zip").read_bytes() == (tmp_path / "first.zip").read_bytes()
    settings.artefacts.delete_folder("transfers/1")
    gone = hndp("fetch", 1, tmp_path / "gone.zip")
    assert (gone.exit_code, "There is no file" in gone.stderr) == (2, True)
    assert list(tmp_path.glob("gone*")) == [], "whole or not at all"


class BrokenLine(httpx.BaseTransport):
    """A line on which the first answers break off after some bytes."""

    def __init__(self, content: bytes, breaks: int, each: int) -> None:
        self.content, self.breaks, self.each = content, breaks, each
        self.asked: list[str] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        asked = request.headers.get("range", "")
        self.asked.append(asked)
        start = int(asked.removeprefix("bytes=").removesuffix("-") or 0)
        rest = self.content[start:]
        headers = {"content-length": str(len(rest))}
        return httpx.Response(206 if asked else 200, headers=headers, stream=self.pieces(rest))

    def pieces(self, rest: bytes) -> httpx.SyncByteStream:
        broken = len(self.asked) <= self.breaks
        each = self.each

        class Pieces(httpx.SyncByteStream):
            def __iter__(self):
                yield rest[:each] if broken else rest
                if broken:
                    raise httpx.ReadError("the line broke")

        return Pieces()


def studio_behind(line: BrokenLine) -> StudioClient:
    server = ServerAccess("https://studio.lab", "hndp_token").server
    return StudioClient(httpx.Client(base_url=server, transport=line))


def test_a_download_goes_on_where_the_line_broke(tmp_path: Path) -> None:
    line = BrokenLine(bytes(range(200)), breaks=2, each=60)
    told: list[tuple[int, int]] = []
    with studio_behind(line) as studio:
        studio.download("/file", tmp_path / "file", lambda done, total: told.append((done, total)))
    assert (tmp_path / "file").read_bytes() == line.content
    assert line.asked == ["", "bytes=60-", "bytes=120-"]
    assert told[-1] == (200, 200)


def test_a_line_on_which_nothing_comes_is_given_up(tmp_path: Path) -> None:
    line = BrokenLine(bytes(200), breaks=9, each=0)
    with studio_behind(line) as studio, pytest.raises(StudioUnreachable, match="address right"):
        studio.download("/file", tmp_path / "file")
    assert len(line.asked) == 1
    assert not (tmp_path / "file").exists()
