"""Experiments that are thrown away, brought back, and deleted for good."""

from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import delete, func, select, text
from sqlalchemy.exc import IntegrityError

from app.accounts.models import User
from app.audit.models import AuditEvent
from app.demonstrations.models import Demonstration
from app.experiments.models import Experiment
from app.platform.database import Database
from app.platform.durable import Jobs
from app.platform.schema import metadata
from app.platform.settings import Settings
from app.trials.models import LabelEvent, Trial
from tests.app.seeded_experiment import seed_experiment

KEPT = {"users", "cells", "processes", "sign_in_tokens", "browser_sessions", "audit_events"}
KEPT |= {"label_days", "trial_hours"}  # work that was done


@pytest.fixture
def experiment(database: Database, settings: Settings, user: User) -> Experiment:
    with database.transaction() as session:
        return seed_experiment(
            session, settings.artefacts, user, iterations_done=1, planned_iterations=1, train=2, held_out=1
        )


@pytest.fixture
def researcher(sign_in: Callable[[str, str], TestClient]) -> TestClient:
    return sign_in("Researcher", "researcher")


def test_in_the_bin_only_the_bin_shows_it(
    client: TestClient, database: Database, experiment: Experiment
) -> None:
    with database.reading() as session:
        trial = session.scalars(select(Trial.id)).first()
        demonstration = session.scalars(select(Demonstration.id)).first()
    pages = [
        f"/experiments/{experiment.id}",
        f"/experiments/{experiment.id}/demonstrations",
        f"/experiments/{experiment.id}/label",
        f"/experiments/{experiment.id}/dashboard",
        f"/experiments/{experiment.id}/exports",
        f"/trials/{trial}",
        f"/demonstrations/{demonstration}",
    ]
    assert {client.get(page).status_code for page in pages} == {200}
    assert client.post(f"/experiments/{experiment.id}/bin").headers["location"] == "/bin"
    for page in pages:
        answer = client.get(page)
        assert answer.status_code == 404, page
        assert "in the bin" in answer.text
    for page in ("/", "/experiments"):
        assert experiment.name not in client.get(page).text
    assert experiment.name in client.get("/bin").text
    back = client.post(f"/experiments/{experiment.id}/bring-back")
    assert back.headers["location"] == f"/experiments/{experiment.id}"
    assert {client.get(page).status_code for page in pages} == {200}


@pytest.mark.parametrize("status", ["running", "paused", "failed"])
def test_one_that_is_under_way_is_cancelled_first(
    client: TestClient, database: Database, experiment: Experiment, status: str
) -> None:
    with database.transaction() as session:
        session.get_one(Experiment, experiment.id).status = status
    answer = client.post(f"/experiments/{experiment.id}/bin")
    assert answer.status_code == 409
    assert "cancel it" in answer.text


def test_one_that_is_being_recorded_waits(
    client: TestClient, database: Database, experiment: Experiment, user: User
) -> None:
    with database.transaction() as session:
        region = session.get_one(Experiment, experiment.id).regions[0]
        session.add(Demonstration(region_id=region.id, take=9, source="teacher", created_by_id=user.id))
    assert client.post(f"/experiments/{experiment.id}/bin").status_code == 409


def test_deleting_for_good_leaves_no_row_no_file_and_no_job(
    client: TestClient,
    researcher: TestClient,
    database: Database,
    settings: Settings,
    experiment: Experiment,
    jobs: Jobs,
) -> None:
    with database.transaction() as session:
        jobs.start_refinement(session, experiment.id)
    client.post(f"/experiments/{experiment.id}/exports", data={"format": "npz", "demonstrations": "yes"})
    client.post(f"/experiments/{experiment.id}/bin")
    assert researcher.post(f"/experiments/{experiment.id}/delete").headers["location"] == "/bin"
    with database.reading() as session:
        left = {
            each.name: session.scalars(select(func.count()).select_from(each)).one()
            for each in metadata.sorted_tables
        }
        status = "workflow_status" if database.engine.dialect.name == "sqlite" else "dbos.workflow_status"
        assert session.scalar(text(f"SELECT count(*) FROM {status}")) == 0
    assert {name for name, count in left.items() if count} <= KEPT
    assert settings.artefacts.all_keys() == []


def test_an_operator_neither_throws_away_nor_deletes_for_good(
    client: TestClient, sign_in: Callable[[str, str], TestClient], experiment: Experiment
) -> None:
    operator = sign_in("At the arm", "operator")
    assert operator.post(f"/experiments/{experiment.id}/bin").status_code == 403
    client.post(f"/experiments/{experiment.id}/bin")
    assert "Delete for good" not in operator.get("/bin").text
    assert operator.post(f"/experiments/{experiment.id}/delete").status_code == 403


def test_each_act_stands_in_the_audit_log(
    client: TestClient, database: Database, experiment: Experiment
) -> None:
    for act in ("bin", "bring-back", "bin", "delete"):
        client.post(f"/experiments/{experiment.id}/{act}")
    with database.reading() as session:
        acts = session.scalars(select(AuditEvent.act).order_by(AuditEvent.id)).all()
    assert acts[-4:] == ["binned", "restored", "binned", "deleted"]


def test_what_is_not_in_the_bin_is_not_deleted(
    researcher: TestClient, database: Database, experiment: Experiment
) -> None:
    assert researcher.post(f"/experiments/{experiment.id}/delete").status_code == 409
    with pytest.raises(IntegrityError, match="append-only"), database.transaction() as session:
        session.execute(delete(LabelEvent))


def test_a_name_in_the_bin_is_still_taken(
    client: TestClient, database: Database, experiment: Experiment
) -> None:
    client.post(f"/experiments/{experiment.id}/bin")
    answer = client.post("/experiments", data={"name": experiment.name, "cell": "simulated"})
    assert answer.status_code == 422
