from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text

from app.accounts.models import User
from app.experiments.models import Experiment
from app.platform.database import Database
from app.platform.durable import refinement_id
from app.platform.settings import Settings
from app.training.models import Step
from tests.app.seeded_experiment import seed_experiment

Seed = Callable[..., Experiment]


@pytest.fixture
def seeded(database: Database, settings: Settings, user: User) -> Seed:
    def seed(**plan) -> Experiment:
        with database.transaction() as session:
            return seed_experiment(session, settings.artefacts, session.merge(user), **plan)

    return seed


@pytest.fixture
def status_of(database: Database) -> Callable[[Experiment], str]:
    def status_of(experiment: Experiment) -> str:
        with database.reading() as session:
            return session.get_one(Experiment, experiment.id).status

    return status_of


def jobs_of(database: Database, experiment: Experiment) -> int:
    """How often the refinement of an experiment is on the list of jobs."""
    table = "workflow_status" if database.engine.dialect.name == "sqlite" else "dbos.workflow_status"
    with database.reading() as session:
        return session.execute(
            text(f"SELECT count(*) FROM {table} WHERE workflow_uuid = :id"),
            {"id": refinement_id(experiment.id)},
        ).scalar_one()


def test_start_names_the_regions_that_owe_a_demonstration(
    client: TestClient, seeded: Seed, status_of, database: Database
) -> None:
    draft = seeded(iterations_done=0, train=5, held_out=0, demonstrated=3)
    page = client.get(f"/experiments/{draft.id}").text
    assert "Train regions T4, T5 still need an accepted demonstration." in page
    assert f'href="/experiments/{draft.id}/demonstrations"' in page
    assert f'hx-post="/experiments/{draft.id}/start"' not in page
    answer = client.post(f"/experiments/{draft.id}/start")
    assert answer.status_code == 409
    assert "Regions T4, T5 still need an accepted demonstration" in answer.text
    assert status_of(draft) == "draft"
    assert jobs_of(database, draft) == 0


def test_start_asks_for_one_refinement(
    client: TestClient, seeded: Seed, status_of, database: Database
) -> None:
    draft = seeded(iterations_done=0, train=4, held_out=0)
    assert f'hx-post="/experiments/{draft.id}/start"' in client.get(f"/experiments/{draft.id}").text
    assert client.post(f"/experiments/{draft.id}/start").status_code == 200
    assert status_of(draft) == "running"
    assert jobs_of(database, draft) == 1
    again = client.post(f"/experiments/{draft.id}/start")
    assert again.status_code == 409
    assert "was started before" in again.text
    assert jobs_of(database, draft) == 1


def test_pause_resume_and_cancel_change_the_status(client: TestClient, seeded: Seed, status_of) -> None:
    draft = seeded(iterations_done=0, train=4, held_out=0)
    for act, after in [("start", "running"), ("pause", "paused"), ("pause", "paused"), ("resume", "running")]:
        answer = client.post(f"/experiments/{draft.id}/{act}")
        assert answer.status_code == 200
        assert status_of(draft) == after
    assert f'hx-post="/experiments/{draft.id}/pause"' in answer.text, "the next act is offered"
    assert client.post(f"/experiments/{draft.id}/cancel").status_code == 200
    assert status_of(draft) == "cancelled"
    refused = client.post(f"/experiments/{draft.id}/resume")
    assert refused.status_code == 409
    assert "is cancelled" in refused.text


def test_draft_can_be_neither_paused_nor_cancelled(client: TestClient, seeded: Seed) -> None:
    draft = seeded(iterations_done=0, train=4, held_out=0)
    assert client.post(f"/experiments/{draft.id}/pause").status_code == 409
    assert client.post(f"/experiments/{draft.id}/cancel").status_code == 409


def failed_step(database: Database, experiment: Experiment) -> int:
    """Let the experiment's running step fail; return its id."""
    with database.transaction() as session:
        row = session.get_one(Experiment, experiment.id)
        step = next(
            each
            for each in session.query(Step).filter(Step.status == "running")
            if each.iteration.experiment_id == experiment.id
        )
        row.status, step.status = "failed", "failed"
        step.error, step.log = "Out of memory.", "epoch 1\nkilled"
        return step.id


def test_failed_step_shows_its_message_log_and_retry(
    client: TestClient, seeded: Seed, database: Database
) -> None:
    draft = seeded(iterations_done=0, train=4, held_out=0, name="Started")
    client.post(f"/experiments/{draft.id}/start")
    with database.transaction() as session:
        from app.training.step_life import open_iteration

        steps = open_iteration(session, draft.id, 1)
        session.get_one(Step, steps["pretraining"]).status = "running"
    step = failed_step(database, draft)
    page = client.get(f"/experiments/{draft.id}").text
    assert "Out of memory." in page
    assert f'hx-post="/experiments/{draft.id}/steps/{step}/retry"' in page
    log = client.get(f"/experiments/{draft.id}/steps/{step}/log")
    assert log.headers["content-type"].startswith("text/plain")
    assert log.text == "epoch 1\nkilled"
    for _ in range(2):  # a double click
        answer = client.post(f"/experiments/{draft.id}/steps/{step}/retry")
        assert answer.status_code == 204
        assert "toast" in answer.headers["HX-Trigger"]


def test_step_that_has_not_failed_is_not_retried(
    client: TestClient, seeded: Seed, database: Database
) -> None:
    running = seeded(iterations_done=1, train=4, held_out=0)
    with database.reading() as session:
        step = session.query(Step).filter(Step.status == "done").first()
        assert step is not None
    refused = client.post(f"/experiments/{running.id}/steps/{step.id}/retry")
    assert refused.status_code == 409
    assert "Only a failed step can be tried again" in refused.text


def test_step_of_another_experiment_is_not_found(
    client: TestClient, seeded: Seed, database: Database
) -> None:
    seeded(iterations_done=1, train=4, held_out=0, name="one")
    other = seeded(iterations_done=0, train=4, held_out=0, name="two")
    with database.reading() as session:
        step = session.query(Step).first()
        assert step is not None
    assert client.post(f"/experiments/{other.id}/steps/{step.id}/retry").status_code == 404
    assert client.get(f"/experiments/{other.id}/steps/{step.id}/log").status_code == 404


@pytest.mark.parametrize("path", ["", "/events", "/iterations/1/curves.json"])
def test_unknown_experiment_is_not_found(client: TestClient, path: str) -> None:
    assert client.get(f"/experiments/99{path}").status_code == 404
