from app.dashboards.repository import DashboardRepository
from app.training.gate_setting import label_hash
from app.training.repository import trials_of
from app.trials.models import Trial
from app.trials.repository import TrialRepository

from .evaluation_desk import EvaluationDesk, truth_by_letter

BOTH = truth_by_letter(A=True, B=True)


def test_the_queue_follows_the_order_of_the_trials(desk: EvaluationDesk) -> None:
    session_id = desk.begun()
    trials = desk.turn(session_id, BOTH)["trials"]
    for trial in trials:
        assert f'data-blind-trial="{trial}"' in desk.client.get(f"/evaluations/{session_id}/label").text
        assert desk.label(session_id, trial, "success").status_code == 303
    assert "data-blind-trial" not in desk.client.get(f"/evaluations/{session_id}/label").text
    assert "4 of 8" in desk.client.get(f"/evaluations/{session_id}").text


def test_the_same_press_sent_twice_is_stored_once(desk: EvaluationDesk) -> None:
    session_id = desk.begun()
    trial, other = desk.turn(session_id, BOTH)["trials"][:2]
    for _ in range(2):
        assert desk.label(session_id, trial, "success", key="key-of-one-press").status_code == 303
    assert desk.label(session_id, other, "success", key="key-of-one-press").status_code == 409
    with desk.database.reading() as session:
        assert len(session.get_one(Trial, trial).labels) == 1


def test_who_has_not_seen_the_others_label_is_told(desk: EvaluationDesk) -> None:
    session_id = desk.begun()
    trial = desk.turn(session_id, BOTH)["trials"][0]
    desk.label(session_id, trial, "success")
    answer = desk.label(session_id, trial, "failure", key="key-somebody-else")
    assert answer.status_code == 409
    assert "judged meanwhile" in answer.text


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
    desk.act(session_id, "close")
    answer = desk.label(session_id, trial, "success")
    assert answer.status_code == 409
    assert "closed" in answer.text


def test_the_queue_over_all_experiments_shows_no_blind_decision(desk: EvaluationDesk) -> None:
    session_id = desk.begun()
    trial = desk.turn(session_id, BOTH)["trials"][0]
    desk.label(session_id, trial, "success")
    answer = desk.client.get("/label")
    assert answer.status_code == 200
    assert f"/artefacts/trials/{trial}/" not in answer.text
