from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from app.accounts.models import User
from app.experiments.models import Experiment
from app.platform.database import Database
from app.platform.settings import Settings
from app.training.label_snapshot import label_hash
from app.training.models import Gate
from app.trials.models import LabelEvent, Trial
from app.trials.planning import plan_again

from ..seeded_experiment import seed_experiment
from .conftest import Desk


def test_label_is_stored_with_its_author_and_wakes_the_refinement(desk: Desk) -> None:
    trial, before = desk.waiting()[0], desk.news()
    answer = desk.label(trial, "failure")
    assert answer.status_code == 200
    assert {"trial_id": trial, "outcome": "failure", "author": "Operator"}.items() <= answer.json().items()
    assert desk.events(trial) == ["failure"]
    assert desk.news() == before + 1


def test_same_request_sent_twice_is_stored_once_and_answered_alike(desk: Desk) -> None:
    trial = desk.waiting()[0]
    first, again = desk.label(trial, "invalid"), desk.label(trial, "invalid")
    assert first.json() == again.json()
    assert desk.events(trial) == ["invalid"]
    assert desk.news() == 1


def test_same_judgement_under_another_key_adds_nothing(desk: Desk) -> None:
    trial = desk.waiting()[0]
    first, again = desk.label(trial, key="key-00000001"), desk.label(trial, key="key-00000002")
    assert first.json() == again.json()
    assert desk.events(trial) == ["success"]


def test_key_of_another_label_is_refused(desk: Desk) -> None:
    one, other = desk.waiting()[:2]
    desk.label(one)
    assert desk.label(other).status_code == 409
    assert desk.label(one, "failure").status_code == 409
    assert (desk.events(one), desk.events(other)) == (["success"], [])


def test_correction_adds_an_event(desk: Desk) -> None:
    trial = desk.waiting()[0]
    seen = desk.label(trial).json()["event_id"]
    assert desk.label(trial, "failure", "key-00000002", instead_of=seen).status_code == 200
    assert desk.events(trial) == ["success", "failure"]


def test_label_by_somebody_else_in_the_meantime_is_told(
    desk: Desk, sign_in: Callable[[str, str], TestClient]
) -> None:
    trial = desk.waiting()[0]
    other = Desk(sign_in("Bea", "operator"), desk.database, desk.experiment_id)
    assert other.label(trial, "failure", instead_of=0).status_code == 200
    refused = desk.label(trial, "success", "key-00000002", instead_of=0)
    assert refused.status_code == 409
    assert "Bea has judged" in refused.json()["error"]
    assert desk.events(trial) == ["failure"]


@pytest.mark.parametrize("outcome", ["withdrawn", "perfect", ""])
def test_unknown_outcome_is_refused(desk: Desk, outcome: str) -> None:
    trial = desk.waiting()[0]
    answer = desk.label(trial, outcome)
    assert (answer.status_code, answer.json()["field"]) == (422, "outcome")
    assert desk.events(trial) == []


@pytest.mark.parametrize("key", ["", "short", "x" * 65, "with space in it", "simulated/1/0"])
def test_unusable_request_key_is_refused(desk: Desk, key: str) -> None:
    answer = desk.label(desk.waiting()[0], key=key)
    assert (answer.status_code, answer.json()["field"]) == (422, "request_key")


def test_unknown_trial_is_not_found(desk: Desk) -> None:
    assert desk.label(9999).status_code == 404


def test_trial_of_another_experiment_or_iteration_is_refused(desk: Desk, seed: Callable[..., int]) -> None:
    trial = desk.waiting()[0]
    other = seed(iterations_done=0, name="Another")
    refused = desk.label(trial, experiment_id=other)
    assert refused.status_code == 409
    assert "another experiment" in refused.json()["error"]
    refused = desk.label(trial, iteration=2)
    assert refused.status_code == 409
    assert "belongs to iteration 1, not 2" in refused.json()["error"]
    assert desk.label(trial, experiment_id=desk.experiment_id, iteration=1).status_code == 200


def test_local_trial_is_never_labelled(desk: Desk) -> None:
    refused = desk.label(desk.trials("local")[0])
    assert refused.status_code == 409
    assert "only feeds the data set" in refused.json()["error"]


def test_trial_that_was_not_run_is_refused(desk: Desk) -> None:
    trial = desk.waiting()[0]
    with desk.database.transaction() as session:
        session.get_one(Trial, trial).status = "planned"
    refused = desk.label(trial)
    assert refused.status_code == 409
    assert "not run yet" in refused.json()["error"]


def test_attempt_that_is_run_again_is_refused_and_cannot_be_taken_back(desk: Desk) -> None:
    trial = desk.waiting()[0]
    desk.label(trial, "invalid")
    with desk.database.transaction() as session:
        row = session.get_one(Trial, trial)
        plan_again(session, row, row.cell_id)
    refused = desk.label(trial, "success", "key-00000002")
    assert refused.status_code == 409
    assert "attempt 2" in refused.json()["error"]
    assert desk.undo().status_code == 409
    assert desk.events(trial) == ["invalid"]


def test_cancelled_experiment_keeps_its_labels(desk: Desk) -> None:
    trial = desk.waiting()[0]
    with desk.database.transaction() as session:
        session.get_one(Experiment, desk.experiment_id).status = "cancelled"
    assert desk.label(trial).status_code == 409
    assert desk.events(trial) == []


def test_correction_after_the_gate_says_that_it_is_outdated(
    desk: Desk, database: Database, seed: Callable[..., int]
) -> None:
    done = Desk(desk.client, database, seed(iterations_done=1, name="Gates are set"))
    trial = done.trials("gate", Trial.physics_success.is_(True))[0]
    refused = done.label(trial, "failure")
    assert (refused.status_code, refused.json()["field"]) == (422, "note")
    answer = done.label(trial, "failure", note="the almond fell off").json()
    assert answer["gate_outdated"]
    assert "stays as it is" in answer["notice"]
    assert done.undo(trial_id=trial).status_code == 409
    with database.reading() as session:
        row = session.get_one(Trial, trial)
        gate = session.scalars(
            select(Gate).where(Gate.iteration_id == row.iteration_id, Gate.region_id == row.region_id)
        ).one()
        assert gate.value == 1
        assert gate.label_hash != label_hash(session, row.iteration_id, row.region_id)
    assert "Outdated" in done.client.get(f"/trials/{trial}").text


def test_correction_after_the_end_is_stored_though_no_job_hears_of_it(
    client: TestClient, database: Database, settings: Settings, user: User
) -> None:
    with database.transaction() as session:
        experiment = seed_experiment(
            session,
            settings.artefacts,
            session.merge(user),
            train=3,
            held_out=1,
            iterations_done=1,
            planned_iterations=1,
        )
        assert experiment.status == "finished"
    done = Desk(client, database, experiment.id)
    trial = done.trials("gate", Trial.physics_success.is_(True))[0]
    assert done.label(trial, "failure").json()["gate_outdated"]
    assert done.events(trial)[-1] == "failure"
    assert done.undo(trial_id=trial).status_code == 200
    assert done.events(trial)[-1] == "withdrawn"


def test_undo_withdraws_the_own_last_label_one_after_another(desk: Desk) -> None:
    first, second, _ = desk.waiting()
    desk.label(first, key="key-00000001")
    desk.label(second, key="key-00000002")
    assert desk.undo("undo-0000001").json()["trial_id"] == second
    assert desk.undo("undo-0000002").json()["trial_id"] == first
    assert desk.events(first) == desk.events(second) == ["success", "withdrawn"]
    assert desk.undo("undo-0000003").status_code == 409


def test_undo_sent_twice_is_done_once(desk: Desk) -> None:
    first, second, _ = desk.waiting()
    desk.label(first, key="key-00000001")
    desk.label(second, key="key-00000002")
    assert desk.undo().json() == desk.undo().json()
    assert desk.events(first) == ["success"]


def test_undone_trial_can_be_judged_anew(desk: Desk) -> None:
    trial = desk.waiting()[0]
    desk.label(trial, "success", "key-00000001")
    desk.undo(trial_id=trial)
    assert desk.label(trial, "failure", "key-00000002", instead_of=0).status_code == 200
    assert desk.events(trial) == ["success", "withdrawn", "failure"]


def test_label_of_somebody_else_is_not_taken_back(
    desk: Desk, sign_in: Callable[[str, str], TestClient]
) -> None:
    trial = desk.waiting()[0]
    Desk(sign_in("Bea", "operator"), desk.database, desk.experiment_id).label(trial)
    assert desk.undo().status_code == 409
    assert desk.undo(trial_id=trial).status_code == 409
    assert desk.events(trial) == ["success"]


def test_undo_stays_within_its_experiment(desk: Desk, seed: Callable[..., int]) -> None:
    desk.label(desk.waiting()[0])
    other = Desk(desk.client, desk.database, seed(iterations_done=0, name="Another"))
    assert other.undo().status_code == 409
    assert other.undo(trial_id=desk.trials("gate")[0]).status_code == 404


def test_viewer_labels_nothing(desk: Desk, sign_in: Callable[[str, str], TestClient]) -> None:
    viewer = Desk(sign_in("Visitor", "viewer"), desk.database, desk.experiment_id)
    trial = desk.waiting()[0]
    assert viewer.label(trial).status_code == 403
    assert viewer.client.get(f"/experiments/{desk.experiment_id}/label").status_code == 200
    with desk.database.reading() as session:
        assert session.scalars(select(LabelEvent.id).where(LabelEvent.trial_id == trial)).all() == []
