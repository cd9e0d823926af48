import re
from datetime import timedelta

from fastapi.testclient import TestClient
from sqlalchemy import select

from app.accounts.models import User
from app.cells.models import Cell, Process
from app.demonstrations.models import Demonstration, Motion
from app.experiments.models import Experiment, Region
from app.home.waiting import LABELS_APART
from app.platform.database import Database
from app.platform.model import now
from app.platform.settings import Settings
from app.training.models import Step
from app.trials.models import Trial
from app.trials.planning import plan_again
from tests.app.seeded_experiment import seed_experiment


def seed(database: Database, settings: Settings, user: User, **plan) -> int:
    with database.transaction() as session:
        return seed_experiment(
            session, settings.artefacts, session.merge(user), train=4, held_out=2, **plan
        ).id


def beat(database: Database, process_id: str, kind: str, ago_s: float = 0.0) -> None:
    with database.transaction() as session:
        moment = now() - timedelta(seconds=ago_s)
        session.add(
            Process(id=process_id, kind=kind, host="h", pid=1, started_at=moment, heartbeat_at=moment)
        )


def needs(client: TestClient) -> list[str]:
    """What waits, each with its button's address."""
    page = client.get("/").text
    return [part.split("</article>")[0] for part in page.split('<article class="card need')[1:]]


def machine(client: TestClient, name: str) -> str:
    shown = re.split(rf"<h3>(?:<a [^>]*>)?{name}(?:</a>)?</h3>", client.get("/").text)[1]
    return shown.split("</article>")[0]


def test_first_run_leads_to_a_new_experiment(client: TestClient) -> None:
    page = client.get("/").text
    assert "Create the first experiment" in page
    assert 'href="/experiments/new"' in page


def test_waiting_labels_lead_to_the_queue_and_come_first(
    client: TestClient, database: Database, settings: Settings, user: User
) -> None:
    running = seed(
        database, settings, user, iterations_done=1, waiting_labels=3, waiting_held_out=1, name="R"
    )
    seed(database, settings, user, iterations_done=0, demonstrated=0, name="D")
    first, *_ = needs(client)
    assert "4 trials wait for a label" in first
    assert "holds up the refinement" in first
    assert f'href="/experiments/{running}/label"' in first


def test_held_out_labels_alone_hold_nothing_up(
    client: TestClient, database: Database, settings: Settings, user: User
) -> None:
    seed(database, settings, user, iterations_done=1, planned_iterations=2, waiting_held_out=1)
    (need,) = needs(client)
    assert "1 trial waits for a label" in need
    assert "holds up" not in need


def test_many_experiments_whose_labels_hold_nothing_up_are_one_line(
    client: TestClient, database: Database, settings: Settings, user: User
) -> None:
    held_up = seed(database, settings, user, iterations_done=1, waiting_labels=2, name="R")
    for number in range(LABELS_APART + 1):
        seed(
            database,
            settings,
            user,
            iterations_done=1,
            planned_iterations=2,
            waiting_held_out=2,
            name=f"H{number}",
        )
    first, joined = needs(client)
    assert f'href="/experiments/{held_up}/label"' in first
    assert f"{2 * (LABELS_APART + 1)} trials of {LABELS_APART + 1} experiments wait for a label" in joined
    assert 'href="/label"' in joined


def test_last_labels_hold_up_the_end(
    client: TestClient, database: Database, settings: Settings, user: User
) -> None:
    seed(database, settings, user, iterations_done=1, planned_iterations=1, waiting_labels=2)
    (need,) = needs(client)
    assert "The experiment is finished when all are judged." in need


def test_owed_and_unaccepted_demonstrations_lead_to_their_page(
    client: TestClient, database: Database, settings: Settings, user: User
) -> None:
    draft = seed(database, settings, user, iterations_done=0, demonstrated=3)
    with database.transaction() as session:
        row = session.scalars(select(Demonstration).where(Demonstration.status == "accepted")).first()
        assert row is not None
        row.status = "recorded"
    owed, unaccepted = needs(client)
    assert "1 train region has no demonstration" in owed
    assert "1 demonstration waits to be accepted" in unaccepted
    assert f'href="/experiments/{draft}/demonstrations"' in owed


def test_draft_with_all_demonstrations_is_ready(
    client: TestClient, database: Database, settings: Settings, user: User
) -> None:
    seed(database, settings, user, iterations_done=0)
    (need,) = needs(client)
    assert "Ready to start" in need


def test_failed_step_shows_its_message(
    client: TestClient, database: Database, settings: Settings, user: User
) -> None:
    failed = seed(database, settings, user, iterations_done=1)
    with database.transaction() as session:
        session.get_one(Experiment, failed).status = "failed"
        step = session.scalars(select(Step).where(Step.status == "running")).one()
        step.status, step.error = "failed", "The disk is full."
    (need,) = needs(client)
    assert "Local training failed" in need
    assert "The disk is full." in need
    assert f'href="/experiments/{failed}"' in need


def test_a_cell_that_waits_for_an_operator_comes_with_its_page(
    client: TestClient, database: Database, settings: Settings, user: User
) -> None:
    seed(database, settings, user, iterations_done=1)
    beat(database, "cell-simulated", "cell")
    with database.transaction() as session:
        cell = session.scalars(select(Cell)).one()
        cell.motion, cell.motion_note = "unattended", "Waits for an operator: a trial starts then."
    assert not any("operator" in need for need in needs(client)), "nothing is to be done on its arm"
    with database.transaction() as session:
        step = session.scalars(select(Step).where(Step.status == "running")).one()
        step.status = "done"
        session.scalars(
            select(Step).where(Step.kind == "local_rollouts", Step.status == "pending")
        ).one().status = "running"
    (need,) = needs(client)
    assert "Cell simulated waits for an operator" in need
    assert 'href="/cells/' in need
    assert "No operator" in machine(client, "Cell simulated")
    assert "Waits for an operator: a trial starts then." in client.get("/experiments/1").text


def test_a_scene_that_waits_leads_to_the_page_at_the_arm(
    client: TestClient, database: Database, settings: Settings, user: User
) -> None:
    """While labels wait and an invalid trial is run again."""
    seed(database, settings, user, iterations_done=1, waiting_labels=3)
    with database.transaction() as session:
        trial = session.scalars(select(Trial).where(Trial.purpose == "gate").limit(1)).one()
        plan_again(session, trial, trial.cell_id)
        cell = session.scalars(select(Cell)).one()
        cell.motion, cell.motion_note = "scene", "The scene of T1 waits. Put the bowl there."
    scene, _ = needs(client)
    assert "Cell simulated waits for its scene" in scene
    assert "The scene of T1 waits." in scene
    assert f'href="/cells/{cell.id}/watch"' in scene
    assert "Set the scene" in scene


def test_motions_that_nobody_has_decided_on_lead_to_the_board(
    client: TestClient, database: Database, settings: Settings, user: User
) -> None:
    draft = seed(database, settings, user, iterations_done=0)
    with database.transaction() as session:
        region = session.scalars(select(Region).where(Region.name == "T1")).one()
        for status in ("waiting", "waiting", "binned"):
            session.add(
                Motion(
                    region_id=region.id,
                    source="imported",
                    status=status,
                    name="m.csv",
                    sha256="0" * 64,
                    created_by_id=user.id,
                )
            )
    motions, _ready = needs(client)
    assert "2 motions wait to be taken over into a region" in motions
    assert f'href="/experiments/{draft}/demonstrations"' in motions


def test_nothing_waits_when_all_is_done(
    client: TestClient, database: Database, settings: Settings, user: User
) -> None:
    seed(database, settings, user, iterations_done=1, planned_iterations=1)
    assert needs(client) == []
    assert "Nothing waits for you" in client.get("/").text


def test_cell_is_down_free_or_busy(
    client: TestClient, database: Database, settings: Settings, user: User
) -> None:
    assert "Not registered yet" in machine(client, "Cell simulated")
    seed(database, settings, user, iterations_done=1)
    assert "hndp cell" in machine(client, "Cell simulated")
    beat(database, "cell-simulated", "cell")
    assert "Free" in machine(client, "Cell simulated")
    with database.transaction() as session:
        session.scalars(select(Trial).limit(1)).one().status = "running"
    assert "Runs a trial in T1" in machine(client, "Cell simulated")


def test_cell_whose_heartbeat_stopped_is_down(
    client: TestClient, database: Database, settings: Settings, user: User
) -> None:
    seed(database, settings, user, iterations_done=0)
    beat(database, "cell-simulated", "cell", ago_s=60)
    assert "Down" in machine(client, "Cell simulated")


def test_fault_of_a_cell_is_shown_with_its_remedy(client: TestClient, database: Database) -> None:
    with database.transaction() as session:
        session.add(Cell(name="simulated", robot="simulated", fault="Install libegl1."))
    assert "Install libegl1." in machine(client, "Cell simulated")


def test_training_says_what_it_does(
    client: TestClient, database: Database, settings: Settings, user: User
) -> None:
    assert "No worker runs" in machine(client, "Training")
    beat(database, "worker-1", "worker")
    assert "1 worker runs." in machine(client, "Training")
    seed(database, settings, user, iterations_done=1, name="Almonds")
    assert "Local training, iteration 2 of Almonds." in machine(client, "Training")


def test_help_explains_keys_labels_and_words(client: TestClient) -> None:
    page = client.get("/help").text
    for part in ('id="keys"', 'id="labels"', 'id="words"', '<kbd class="key">Backspace</kbd>'):
        assert part in page
