"""The commands against a studio in this process, over its real API."""

import json
from pathlib import Path

import httpx
import numpy as np
import pytest
from fastapi.testclient import TestClient
from typer.testing import CliRunner

from app.cli import app
from app.client.server_access import load_access
from app.client.studio_client import StudioClient

from .conftest import Hndp


def test_experiments_are_listed_for_people_and_programs(hndp: Hndp, experiment: int) -> None:
    assert "Scooping, first try" in hndp("experiments").stdout
    (line,) = hndp("experiments", "--json").stdout.splitlines()
    assert json.loads(line)["id"] == experiment
    assert "Ada" in hndp("whoami").stdout


def test_a_trial_is_judged_and_the_label_taken_back(hndp: Hndp, experiment: int) -> None:
    waiting = [json.loads(line)["id"] for line in hndp("queue", "--json").stdout.splitlines()]
    assert len(waiting) == 2
    assert hndp("label", waiting[0], "failure", "--note", "almond lost").stdout.startswith(
        f"Trial {waiting[0]}: failure."
    )
    listed = hndp("trials", experiment, "--purpose", "gate", "--json").stdout.splitlines()
    labels = {row["id"]: row["label"] for row in map(json.loads, listed)}
    assert (labels[waiting[0]]["outcome"], labels[waiting[0]]["note"]) == ("failure", "almond lost")
    assert f"trial {waiting[0]} is taken back" in hndp("undo").stdout
    assert "1 wait" not in hndp("queue").stdout


def test_a_plan_becomes_a_draft_and_what_is_wrong_with_it_is_told(
    hndp: Hndp, experiment: int, tmp_path: Path
) -> None:
    plan = tmp_path / "plan.json"
    plan.write_text(json.dumps({"name": "Sent", "cell": "simulated", "regions": 2, "held_out": 1}))
    assert "is a draft" in hndp("create", plan).stdout
    again = hndp("create", plan)
    assert (again.exit_code, "There is an experiment 'Sent' already" in again.stderr) == (2, True)
    refused = hndp("act", experiment + 1, "start")
    assert "need an accepted demonstration" in refused.stderr
    plan.write_text("{")
    assert "cannot be read as JSON" in hndp("create", plan).stderr


def test_an_export_holds_the_stored_records_and_goes_on_where_it_was(
    hndp: Hndp, experiment: int, tmp_path: Path
) -> None:
    folder = tmp_path / "export"
    assert "Complete" in hndp("export", experiment, folder, "--videos").stdout
    trials = [json.loads(line) for line in (folder / "trials.jsonl").read_text().splitlines()]
    executed = [each for each in trials if each["record"]]
    assert executed
    for each in executed:
        with np.load(folder / "trials" / f"{each['id']:06d}.npz") as arrays:
            assert arrays["commanded"].shape == (350, 7)
    assert (folder / "figures" / "success.csv").read_text().startswith("iteration,")
    assert (folder / "trials" / f"{executed[0]['id']:06d}.mp4").stat().st_size > 0
    kept, lost = (folder / "trials" / f"{each['id']:06d}.npz" for each in executed[:2])
    before = kept.stat().st_mtime_ns
    lost.write_bytes(b"cut off")
    assert hndp("export", experiment, folder).exit_code == 0
    assert kept.stat().st_mtime_ns == before
    assert lost.stat().st_size > 1000


def test_an_experiment_is_thrown_away_brought_back_or_deleted_for_good(hndp: Hndp, experiment: int) -> None:
    assert "is running: cancel it" in hndp("act", experiment, "bin").stderr
    assert "is cancelled" in hndp("act", experiment, "cancel").stdout
    assert "is in the bin" in hndp("act", experiment, "bin").stdout
    assert json.loads(hndp("bin", "--json").stdout)["id"] == experiment
    assert "is cancelled" in hndp("act", experiment, "bring-back").stdout
    refused = hndp("delete", experiment, "--yes")
    assert (refused.exit_code, "no experiment in the bin" in refused.stderr) == (2, True)
    hndp("act", experiment, "bin")
    assert hndp("delete", experiment, input="n\n").exit_code == 1
    assert "Scooping, first try" in hndp("bin").stdout
    assert "is deleted" in hndp("delete", experiment, input="y\n").stdout
    assert hndp("bin", "--json").stdout == ""


def test_a_login_is_kept_only_if_the_studio_knows_the_token(
    hndp: Hndp, web_app, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def at_studio(access) -> StudioClient:
        return StudioClient(TestClient(web_app, headers={"authorization": f"Bearer {access.token}"}))

    monkeypatch.setattr(StudioClient, "of", at_studio)
    for name in ("HNDP_SERVER", "HNDP_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    run = CliRunner()
    refused = run.invoke(app, ["remote", "login", "https://studio.lab"], input="hndp_wrong\n")
    assert (refused.exit_code, "unknown, revoked or expired" in refused.stderr) == (2, True)
    kept = run.invoke(app, ["remote", "login", "https://studio.lab"], input=f"{token}\n")
    assert "knows you as Ada" in kept.stdout
    assert token not in kept.output
    assert load_access().token == token


def test_a_studio_that_does_not_answer_is_told_with_a_remedy() -> None:
    def silent(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused", request=request)

    http = httpx.Client(base_url="https://studio.lab", transport=httpx.MockTransport(silent))
    with StudioClient(http) as studio, pytest.raises(Exception, match="address right"):
        studio.get("/users/me")
