"""What gates came from, and running an experiment again where labels were corrected."""

from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from app.accounts.models import User
from app.experiments.models import Experiment
from app.platform.database import Database
from app.platform.durable import Jobs
from app.platform.settings import Settings
from app.training.gate_page import view_gates
from app.training.gate_setting import settle_labels
from app.training.models import Gate, Iteration, Policy, Rerun, Step
from app.training.repository import gates_of, get_iteration, trials_of
from app.training.staging import accepted_demonstrations

from ..seeded_experiment import seed_experiment


@pytest.fixture
def corrected(database: Database, settings: Settings, user: User) -> int:
    """Three of five iterations are done; the label of region 4 in iteration 1 was corrected since."""
    with database.transaction() as session:
        experiment = seed_experiment(
            session, settings.artefacts, session.merge(user), iterations_done=3, train=5, held_out=2
        )
        jobs = Jobs(database.engine)
        jobs.start_refinement(session, experiment.id)
        jobs.close()
        return experiment.id


def test_page_names_labels_authors_times_and_what_came_later(client: TestClient, corrected: int) -> None:
    page = client.get(f"/experiments/{corrected}/gates").text
    row = page.split('id="iteration-1"')[1].split(">T4</th>")[1].split("</tr>")[0]
    came_from, since = row.split("Since then")
    assert "by Operator" in came_from
    assert "Outdated" in came_from
    assert "withdrawn" in since
    for number, stale in ((1, False), (2, True), (3, True)):
        section = page.split(f'id="iteration-{number}"')[1].split("</header>")[0]
        assert ("Trained with outdated gates" in section) == stale
    assert "Run again from iteration 1" in page


def test_without_a_correction_nothing_is_to_be_run_again(
    client: TestClient, database: Database, settings: Settings, user: User
) -> None:
    with database.transaction() as session:
        experiment = seed_experiment(
            session, settings.artefacts, session.merge(user), iterations_done=1, train=2, held_out=1
        )
        assert view_gates(session, experiment).rerun_from is None
    page = f"/experiments/{experiment.id}"
    assert "Run again from" not in client.get(f"{page}/gates").text
    assert client.post(f"{page}/run-again").status_code == 409


def test_rerun_copies_up_to_the_correction_and_sets_that_gate_anew(
    client: TestClient, database: Database, corrected: int
) -> None:
    answer = client.post(f"/experiments/{corrected}/run-again")
    assert answer.status_code == 303
    again = int(answer.headers["location"].rsplit("/", 1)[1])
    with database.transaction() as session:
        origin, copy = session.get_one(Experiment, corrected), session.get_one(Experiment, again)
        assert (origin.status, copy.status) == ("cancelled", "running")
        assert (copy.seed, copy.settings, copy.task) == (origin.seed, origin.settings, origin.task)
        assert [each.place() for each in copy.regions] == [each.place() for each in origin.regions]
        assert len(accepted_demonstrations(session, again)) == 5
        (iteration,) = session.scalars(select(Iteration).where(Iteration.experiment_id == again))
        first = get_iteration(session, corrected, 1)
        assert first is not None
        kept = {each.kind: each.sha256 for each in _policies(session, first.id)}
        assert {each.kind: each.sha256 for each in _policies(session, iteration.id)} == kept
        for purpose in ("local", "gate", "held_out"):
            originals = trials_of(session, corrected, purpose, up_to=1)
            copies = trials_of(session, again, purpose, up_to=1)
            assert [each.artefact_key for each in copies] == [each.artefact_key for each in originals]
        step = session.scalars(
            select(Step).where(Step.iteration_id == iteration.id, Step.kind == "labelling")
        ).one()
        assert settle_labels(session, step.id, grace_s=0.0).state == "set"
        before, after = gates_of(session, first.id), gates_of(session, iteration.id)
        assert {region: gate for region, gate in after.items() if gate != before[region]} == {
            4: 1 - before[4]
        }
        assert view_gates(session, copy).rerun_from is None


def test_earlier_gates_are_copied_up_to_date(
    client: TestClient, database: Database, settings: Settings, user: User, label_last: Callable[[int], None]
) -> None:
    with database.transaction() as session:
        experiment = seed_experiment(
            session, settings.artefacts, session.merge(user), iterations_done=3, train=3, held_out=0
        )
        assert view_gates(session, experiment).rerun_from is None
    label_last(experiment.id)
    again = int(client.post(f"/experiments/{experiment.id}/run-again").headers["location"].split("/")[-1])
    with database.reading() as session:
        assert session.get_one(Rerun, again).iteration == 2
        page = view_gates(session, session.get_one(Experiment, again))
        assert [(each.number, len(each.gates), each.outdated) for each in page.iterations] == [
            (1, 3, 0),
            (2, 0, 0),
        ]
        assert session.scalars(select(Gate.id).join(Iteration).where(Iteration.number > 2)).all() != []


def test_second_press_names_the_rerun_that_is_there(client: TestClient, corrected: int) -> None:
    client.post(f"/experiments/{corrected}/run-again")
    refused = client.post(f"/experiments/{corrected}/run-again", headers={"accept": "application/json"})
    assert refused.status_code == 409
    assert "again from 1" in refused.json()["error"]
    assert "Superseded" in client.get(f"/experiments/{corrected}/gates").text


@pytest.fixture
def label_last(client: TestClient, database: Database) -> Callable[[int], None]:
    """label_last(experiment) corrects a gate trial's label of iteration 2."""

    def correct(experiment_id: int) -> None:
        with database.reading() as session:
            trial = trials_of(session, experiment_id, "gate", up_to=2, since=2)[0]
            other = "failure" if trial.labels[-1].outcome == "success" else "success"
            number = trial.id
        fields = {"outcome": other, "request_key": "key-correct-1", "note": "seen again"}
        assert client.post(f"/trials/{number}/labels", data=fields).status_code == 200

    return correct


def _policies(session, iteration_id: int):
    return session.scalars(select(Policy).where(Policy.iteration_id == iteration_id))
