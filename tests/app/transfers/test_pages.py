"""Exports and restored experiments in the browser."""

from collections.abc import Callable
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from app.accounts.models import User
from app.experiments.models import Experiment
from app.platform.database import Database
from app.platform.durable import Jobs
from app.platform.settings import Settings
from app.platform.stopping import StopSignal
from app.transfers.archive_layout import MANIFEST
from app.transfers.models import Transfer
from app.transfers.runner import TransferRunner

FORM = {"format": "npz", "demonstrations": "yes", "purposes": ["gate", "held_out"], "iterations": "1-2"}


@pytest.fixture
def runner(database: Database, settings: Settings, jobs: Jobs, tmp_path: Path) -> TransferRunner:
    return TransferRunner(database, settings.artefacts, jobs, tmp_path / "work", 7.0, StopSignal())


def test_what_is_asked_for_can_be_fetched_when_it_is_there(
    client: TestClient, database: Database, experiment: Experiment, runner: TransferRunner
) -> None:
    page = f"/experiments/{experiment.id}/exports"
    assert "None yet" in client.get(page).text
    assert client.post(page, data=FORM).headers["location"] == f"{page}#files"
    with database.reading() as session:
        asked = session.scalars(select(Transfer)).one()
    assert asked.selection["purposes"] == ["gate", "held_out"]
    assert asked.selection["iterations"] == [1, 2]
    assert client.get(f"/transfers/{asked.id}/file").status_code == 404
    runner.run(asked.id)
    assert f"/transfers/{asked.id}/file" in client.get(page).text
    fetched = client.get(f"/transfers/{asked.id}/file")
    assert fetched.content.startswith(b"PK")
    assert 'filename="scooping-first-try-npz.zip"' in fetched.headers["content-disposition"]


def test_an_empty_choice_is_told(client: TestClient, experiment: Experiment) -> None:
    answer = client.post(f"/experiments/{experiment.id}/exports", data={"format": "npz"})
    assert answer.status_code == 422
    assert "Choose demonstrations, trials, or both" in answer.text


def test_a_viewer_asks_for_nothing(sign_in: Callable[[str, str], TestClient], experiment: Experiment) -> None:
    viewer = sign_in("Looks on", "viewer")
    assert viewer.post(f"/experiments/{experiment.id}/exports", data=FORM).status_code == 403
    assert viewer.post(f"/experiments/{experiment.id}/exports/archive").status_code == 403
    assert viewer.post("/restore/archive", content=b"PK").status_code == 403


def test_nobody_fetches_without_a_sign_in(anonymous: TestClient) -> None:
    assert anonymous.get("/transfers/1/file").status_code == 401
    assert anonymous.post("/restore/archive", content=b"PK").status_code == 401


def test_an_uploaded_archive_is_restored(
    client: TestClient,
    database: Database,
    user: User,
    archive: Callable[[], Path],
    runner: TransferRunner,
    settings: Settings,
) -> None:
    content = archive().read_bytes()
    twice = client.post("/restore/archive", content=content, headers={"accept": "application/json"})
    assert twice.status_code == 409
    assert "already" in twice.json()["error"]
    assert client.post("/restore/archive", params={"name": "A copy"}, content=content).status_code == 202
    with database.reading() as session:
        asked = session.scalars(select(Transfer)).one()
    assert "Queued" in client.get("/restore").text
    runner.run(asked.id)
    with database.reading() as session:
        restored = session.scalars(select(Experiment).where(Experiment.name == "A copy")).one()
    assert f'href="/experiments/{restored.id}"' in client.get("/restore").text
    assert client.get(f"/experiments/{restored.id}").status_code == 200
    assert list((settings.data_dir / "work" / "uploads").iterdir()) == []


@pytest.mark.parametrize("content", [b"", b"no zip file at all", b"PK\x03\x04 cut off"])
def test_what_is_no_archive_is_refused_at_once(
    client: TestClient, settings: Settings, content: bytes
) -> None:
    answer = client.post("/restore/archive", content=content, headers={"accept": "application/json"})
    assert answer.status_code == 422
    assert "copy it again" in answer.json()["error"]
    assert settings.artefacts.all_keys() == []


def test_a_manifest_that_unpacks_to_gigabytes_is_not_read(client: TestClient, tmp_path: Path) -> None:
    with ZipFile(tmp_path / "bomb.zip", "w", ZIP_DEFLATED) as packed, packed.open(MANIFEST, "w") as manifest:
        for _ in range(65):
            manifest.write(b" " * 2**20)
    content = (tmp_path / "bomb.zip").read_bytes()
    assert len(content) < 2**20
    answer = client.post("/restore/archive", content=content, headers={"accept": "application/json"})
    assert answer.status_code == 422
    assert "too large to be true" in answer.json()["error"]


def test_an_archive_without_room_is_refused_before_it_comes(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Full:
        free = 3

    monkeypatch.setattr("shutil.disk_usage", lambda _folder: Full)
    assert client.post("/restore/archive", content=b"PK cut off").status_code == 507
