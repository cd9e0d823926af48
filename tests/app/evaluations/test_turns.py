from sqlalchemy import select

from app.evaluations.models import PlannedRun
from app.evaluations.turns import MOST_ATTEMPTS, next_turn
from app.trials.models import Trial

from .evaluation_desk import EvaluationDesk, truth_by_letter

BOTH = truth_by_letter(A=True, B=True)


def test_block_after_block_runs_without_waiting_for_labels(desk: EvaluationDesk) -> None:
    session_id = desk.begun()
    assert [desk.turn(session_id, BOTH)["state"] for _ in range(3)] == ["run", "run", "wait"]
    with desk.database.reading() as session:
        trials = session.scalars(select(Trial).where(Trial.purpose == "evaluation").order_by(Trial.id)).all()
        runs = [trial.planned_run for trial in trials if trial.planned_run]
        assert [run.position for run in runs] == list(range(1, 9))
        assert [run.candidate.policy_id for run in runs] == [trial.policy_id for trial in trials]
        assert all(trial.iteration_id is None for trial in trials)


def test_an_invalid_trial_is_run_again_before_the_next_block(desk: EvaluationDesk) -> None:
    session_id = desk.begun()
    first = desk.turn(session_id, BOTH)["trials"]
    desk.label(session_id, first[2], "invalid")
    (again,) = desk.turn(session_id, BOTH)["trials"]
    with desk.database.reading() as session:
        old, new = session.get_one(Trial, first[2]), session.get_one(Trial, again)
        assert (new.planned_run_id, new.attempt) == (old.planned_run_id, 2)
    refused = desk.label(session_id, first[2], "success")
    assert (refused.status_code, "attempt 2" in refused.json()["error"]) == (409, True)
    assert desk.undo(session_id).status_code == 409, "it is run again"


def test_an_invalid_label_can_be_taken_back_for_a_while(desk: EvaluationDesk) -> None:
    session_id = desk.begun(repeats="1")
    first = desk.turn(session_id, BOTH)["trials"]
    desk.label(session_id, first[0], "invalid")
    with desk.database.transaction() as session:
        turn = next_turn(session, session_id, 30.0)
    assert turn["state"] == "wait"
    assert 0 < turn["grace_s"] <= 30
    assert desk.undo(session_id).status_code == 200
    assert desk.turn(session_id, BOTH) == {"state": "wait", "grace_s": 0.0}


def test_a_trial_that_stays_invalid_pauses_the_session(desk: EvaluationDesk) -> None:
    session_id = desk.begun(operator="simulated", repeats="1")
    for _ in range(MOST_ATTEMPTS):
        assert desk.turn(session_id, lambda run: None if run.position == 1 else True)["state"] == "run"
    assert desk.turn(session_id, BOTH)["state"] == "wait"
    page = desk.client.get(f"/evaluations/{session_id}").text
    assert f"invalid {MOST_ATTEMPTS} times in a row" in page
    assert "Resume" in page


def test_the_simulated_operator_labels_by_the_physics(desk: EvaluationDesk) -> None:
    session_id = desk.begun(operator="simulated")
    desk.run_all(session_id, truth_by_letter(A=True, B=False))
    with desk.database.reading() as session:
        for run in session.scalars(select(PlannedRun)):
            (label,) = run.trials[-1].labels
            assert label.outcome == ("success" if run.candidate.letter == "A" else "failure")
            assert label.author.is_simulated


def test_a_pause_holds_it_and_a_crash_leaves_the_trial_owed(desk: EvaluationDesk) -> None:
    session_id = desk.begun()
    with desk.database.transaction() as session:
        planned = next_turn(session, session_id, 0.0)["trials"]
    desk.act(session_id, "pause")
    assert desk.turn(session_id, BOTH)["state"] == "wait"
    desk.act(session_id, "resume")
    assert desk.turn(session_id, BOTH)["trials"] == planned, "nothing is planned twice"


def test_a_closed_session_ends(desk: EvaluationDesk) -> None:
    session_id = desk.begun()
    with desk.database.transaction() as session:
        next_turn(session, session_id, 0.0)
    desk.act(session_id, "close")
    assert desk.turn(session_id, BOTH) == {"state": "closed"}
    with desk.database.reading() as session:
        statuses = session.scalars(select(Trial.status).where(Trial.purpose == "evaluation")).all()
    assert set(statuses) == {"cancelled"}
