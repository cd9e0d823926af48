"""Data sets, archives and restorations for programs: asked for, followed, fetched."""

from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest
from sqlalchemy import select

from app.experiments.models import Experiment
from app.platform.database import Database
from app.platform.durable import Jobs
from app.platform.settings import Settings
from app.platform.stopping import StopSignal
from app.transfers.models import Transfer
from app.transfers.runner import TransferRunner
from hndp_core.data.dataset.format_names import FORMATS

from .conftest import Program

Programs = Callable[[str], Program]
ZIP = {"content-type": "application/zip"}


@pytest.fixture
def runner(database: Database, settings: Settings, jobs: Jobs, tmp_path: Path) -> TransferRunner:
    return TransferRunner(database, settings.artefacts, jobs, tmp_path / "work", 7.0, StopSignal())


def fetched(program: Program, transfer_id: int) -> bytes:
    address = program.get(f"/transfers/{transfer_id}")["file"]
    answer = program.client.get(address)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/zip")
    return answer.content


def archived(program: Program, experiment_id: int, runner: TransferRunner) -> bytes:
    asked = program.post(f"/experiments/{experiment_id}/exports/archive").json()
    assert runner.run(asked["id"]) == "done"
    return fetched(program, asked["id"])


@pytest.mark.parametrize("format_name", FORMATS)
def test_a_data_set_is_asked_for_followed_and_fetched(
    program: Programs, draft: int, runner: TransferRunner, format_name: str
) -> None:
    operator = program("operator")
    asked = operator.post(f"/experiments/{draft}/exports", {"format": format_name})
    assert asked.status_code == 202, asked.text
    job = asked.json()
    assert (job["kind"], job["status"], job["file"]) == ("dataset", "queued", None)
    assert job["selection"]["demonstrations"] == ["accepted"]
    assert operator.ask("GET", f"/transfers/{job['id']}/file").status_code == 404, "it is not there yet"
    assert runner.run(job["id"]) == "done"
    done = operator.get(f"/transfers/{job['id']}")
    assert (done["status"], done["done"], done["total"]) == ("done", 3, 3)
    content = fetched(operator, job["id"])
    assert len(content) == done["size"]
    assert ZipFile(BytesIO(content)).testzip() is None
    assert operator.get(f"/experiments/{draft}/exports")["items"] == [done]


def test_a_file_is_fetched_in_parts(program: Programs, draft: int, runner: TransferRunner) -> None:
    operator = program("operator")
    content = archived(operator, draft, runner)
    address = operator.get(f"/experiments/{draft}/exports")["items"][0]["file"]
    rest = operator.client.get(address, headers={"range": "bytes=1000-"})
    assert (rest.status_code, rest.content) == (206, content[1000:])


def test_what_a_data_set_cannot_hold_is_told_by_input(program: Programs, draft: int) -> None:
    operator = program("operator")
    for plan, field in (
        ({"demonstrations": []}, "demonstrations"),
        ({"labels": []}, "labels"),
        ({"format": "xlsx"}, "format"),
    ):
        refused = operator.post(f"/experiments/{draft}/exports", plan)
        assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, field)
    assert operator.post("/experiments/99/exports", {}).status_code == 404
    assert program("viewer").post(f"/experiments/{draft}/exports", {}).status_code == 403


def test_an_export_is_made_once_for_a_key(program: Programs, draft: int, runner: TransferRunner) -> None:
    operator, key = program("operator"), {"idempotency-key": "0123456789"}
    asked = operator.post(f"/experiments/{draft}/exports/archive", **key).json()
    runner.run(asked["id"])
    again = operator.post(f"/experiments/{draft}/exports/archive", **key).json()
    assert (again["id"], again["status"]) == (asked["id"], "done")
    other = operator.post(f"/experiments/{draft}/exports/archive").json()
    assert other["id"] != asked["id"], "without the key a fresh one is written"


def test_an_archive_that_is_sent_becomes_an_experiment(
    program: Programs, draft: int, runner: TransferRunner, database: Database, settings: Settings
) -> None:
    researcher = program("researcher")
    content = archived(researcher, draft, runner)
    taken = researcher.ask("POST", "/restorations", content=content, headers=ZIP)
    assert (taken.status_code, "already" in taken.json()["detail"]) == (409, True)
    how = {"content": content, "headers": ZIP | {"idempotency-key": "0123456789"}}
    sent = researcher.ask("POST", "/restorations", params={"name": "A copy"}, **how)
    assert sent.status_code == 202, sent.text
    job = sent.json()
    assert (job["kind"], job["name"], job["experiment_id"]) == ("restoration", "A copy", None)
    assert runner.run(job["id"]) == "done"
    restored = researcher.get(f"/transfers/{job['id']}")
    assert restored["file"] is None
    assert researcher.get(f"/experiments/{restored['experiment_id']}")["name"] == "A copy"
    again = researcher.ask("POST", "/restorations", params={"name": "A copy"}, **how)
    assert again.json() == restored, "the same archive sent twice is restored once"
    other = researcher.ask("POST", "/restorations", params={"name": "Another"}, **how)
    assert other.json()["errors"][0]["field"] == "Idempotency-Key"
    assert [each["id"] for each in researcher.get("/restorations")["items"]] == [job["id"]]
    with database.reading() as session:
        assert len(session.scalars(select(Experiment)).all()) == 2
        assert len(session.scalars(select(Transfer).where(Transfer.kind == "restoration")).all()) == 1
    assert not [each for each in settings.artefacts.all_keys() if "uploads" in each]
    assert list((settings.data_dir / "work" / "uploads").iterdir()) == []


def test_what_is_no_archive_is_refused_at_once(program: Programs, settings: Settings) -> None:
    refused = program("researcher").ask("POST", "/restorations", content=b"PK cut off", headers=ZIP)
    assert (refused.status_code, refused.headers["content-type"]) == (422, "application/problem+json")
    assert "copy it again" in refused.json()["detail"]
    assert settings.artefacts.all_keys() == []
    assert program("operator").ask("POST", "/restorations", content=b"PK", headers=ZIP).status_code == 403


def test_an_archive_larger_than_other_requests_may_be_is_taken(program: Programs) -> None:
    refused = program("researcher").ask("POST", "/restorations", content=bytes(2**21), headers=ZIP)
    assert refused.status_code == 422, "it was read, and is no archive"
