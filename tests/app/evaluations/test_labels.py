from collections.abc import Callable

from fastapi.testclient import TestClient

from app.dashboards.repository import DashboardRepository
from app.training.gate_setting import label_hash
from app.training.repository import trials_of
from app.trials.models import Trial
from app.trials.repository import TrialRepository

from ..audited import audited
from .evaluation_desk import EvaluationDesk, truth_by_letter

BOTH = truth_by_letter(A=True, B=True)

SignIn = Callable[[str, str], TestClient]


def outcomes(desk: EvaluationDesk, trial: int) -> list[str]:
    """Of a trial's label events, the oldest first."""
    with desk.database.reading() as session:
        return [event.outcome for event in session.get_one(Trial, trial).labels]


def test_the_queue_follows_the_order_of_the_trials(desk: EvaluationDesk) -> None:
    session_id = desk.begun()
    trials = desk.turn(session_id, BOTH)["trials"]
    while trials:
        assert desk.shown(session_id) == trials
        assert desk.label(session_id, trials.pop(0), "success").status_code == 200
    assert desk.shown(session_id) == []
    assert "4 of 8" in desk.client.get(f"/evaluations/{session_id}").text


def test_the_same_press_sent_twice_is_stored_once(desk: EvaluationDesk) -> None:
    session_id = desk.begun()
    trial, other = desk.turn(session_id, BOTH)["trials"][:2]
    for _ in range(2):
        assert desk.label(session_id, trial, "success", key="key-of-one-press").status_code == 200
    assert desk.label(session_id, other, "success", key="key-of-one-press").status_code == 409
    with desk.database.reading() as session:
        assert len(session.get_one(Trial, trial).labels) == 1


def test_who_has_not_seen_the_others_label_is_told(desk: EvaluationDesk, sign_in: SignIn) -> None:
    session_id = desk.begun()
    trial = desk.turn(session_id, BOTH)["trials"][0]
    desk.label(session_id, trial, "success")
    bea = desk.of(sign_in("Bea", "operator"))
    answer = bea.label(session_id, trial, "failure", instead_of=0)
    assert answer.status_code == 409
    assert "in the meantime" in answer.json()["error"]


def test_what_another_has_judged_is_corrected_with_a_reason_and_taken_back_by_nobody_else(
    desk: EvaluationDesk, sign_in: SignIn
) -> None:
    session_id = desk.begun()
    trial = desk.turn(session_id, BOTH)["trials"][0]
    seen = desk.label(session_id, trial, "success").json()["event_id"]
    bea = desk.of(sign_in("Bea", "operator"))
    assert bea.undo(session_id, trial_id=trial).status_code == 409
    refused = bea.label(session_id, trial, "failure", instead_of=seen)
    assert (refused.status_code, refused.json()["field"]) == (422, "note")
    assert bea.label(session_id, trial, "failure", instead_of=seen, note="it fell off").status_code == 200
    page = desk.client.get(f"/evaluations/{session_id}/trials/{trial}").text
    assert "it fell off" in page
    assert outcomes(desk, trial) == ["success", "failure"], "nothing is overwritten"
    assert desk.undo(session_id).status_code == 409, "the label that stands is not theirs"


def test_a_label_is_kept_in_the_audit_log(desk: EvaluationDesk) -> None:
    session_id = desk.begun()
    trial = desk.turn(session_id, BOTH)["trials"][0]
    event = desk.label(session_id, trial, "failure").json()["event_id"]
    assert audited(desk.database, "labelled") == [f"trial {trial}: failure (label event {event})"]


def test_trials_of_another_session_or_not_yet_run_are_refused(desk: EvaluationDesk) -> None:
    session_id = desk.begun()
    other = desk.begun(name="Other")
    trial = desk.turn(session_id, BOTH)["trials"][0]
    assert desk.label(other, trial, "success").status_code == 404
    with desk.database.transaction() as session:
        session.get_one(Trial, trial).status = "running"
    assert desk.label(session_id, trial, "success").status_code == 409


def test_evaluation_trials_enter_no_rate_gate_or_queue_of_an_experiment(desk: EvaluationDesk) -> None:
    def seen() -> list[object]:
        with desk.database.reading() as session:
            dashboard = DashboardRepository(session, 1)
            return [
                dashboard.state_counts(),
                dashboard.event_counts(),
                dashboard.executed_counts(),
                dashboard.state(),
                TrialRepository(session).waiting_counts(1),
                TrialRepository(session).waiting_by_experiment(),
                [trial.id for trial in trials_of(session, 1, "gate", up_to=2)],
                label_hash(session, 1, 1),
            ]

    before = seen()
    session_id = desk.begun()
    for trial in desk.turn(session_id, BOTH)["trials"]:
        desk.label(session_id, trial, "failure")
    assert seen() == before


def test_labels_are_frozen_once_the_letters_are_known(desk: EvaluationDesk) -> None:
    session_id = desk.begun()
    trial = desk.turn(session_id, BOTH)["trials"][0]
    desk.label(session_id, trial, "failure")
    desk.act(session_id, "close")
    for refused in (desk.label(session_id, trial, "success"), desk.undo(session_id, trial_id=trial)):
        assert refused.status_code == 409
    assert "closed" in desk.label(session_id, trial, "success").json()["error"]
    page = desk.client.get(f"/evaluations/{session_id}/label").text
    assert "The session is closed" in page
    assert "data-correct" not in page
    assert f'href="/evaluations/{session_id}/trials/{trial}"' in page, "what was decided can be looked at"
    assert outcomes(desk, trial) == ["failure"]


def test_the_queue_over_all_experiments_shows_no_blind_decision(desk: EvaluationDesk) -> None:
    session_id = desk.begun()
    trial = desk.turn(session_id, BOTH)["trials"][0]
    desk.label(session_id, trial, "success")
    answer = desk.client.get("/label")
    assert answer.status_code == 200
    assert f"/artefacts/trials/{trial}/" not in answer.text
