"""A second, independent judgement of some blind trials, and what does not count before it is there."""

import re
from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from app.evaluations.models import EvaluationSession, PlannedRun
from app.evaluations.progress import progress_of
from app.evaluations.report import view_report
from app.evaluations.repository import EvaluationRepository
from app.evaluations.results import enough_evidence
from app.evaluations.run_states import run_states
from app.evaluations.turns import drawn_for_second_rating
from app.trials.models import Trial

from .evaluation_desk import EvaluationDesk, truth_by_letter

BOTH = truth_by_letter(A=True, B=True)

Others = Callable[..., EvaluationDesk]


@pytest.fixture
def of(desk: EvaluationDesk, sign_in: Callable[[str, str], TestClient]) -> Others:
    """of(name, role) is the desk of another person."""
    return lambda name, role="operator": desk.of(sign_in(name, role))


@pytest.fixture
def session_id(desk: EvaluationDesk) -> int:
    """A session all of whose trials are judged twice; those of its first block wait."""
    session_id = desk.begun(second_rater_percent="100")
    desk.turn(session_id, BOTH)
    return session_id


def judged(desk: EvaluationDesk, session_id: int) -> int:
    with desk.database.reading() as session:
        return sum(state.judged for state in run_states(session, session_id))


def card(desk: EvaluationDesk, session_id: int, trial: int) -> str:
    """The trial on somebody's label page; "" where they are not given it."""
    page = desk.client.get(f"/evaluations/{session_id}/label").text
    own = f'class="trial-card" data-trial="{trial}"'
    return next((each for each in page.split("</article>") if own in each), "")


def test_the_second_one_is_not_told_what_the_first_said(
    desk: EvaluationDesk, session_id: int, of: Others
) -> None:
    trial = desk.waiting(session_id)[0]
    desk.label(session_id, trial, "failure", failure_mode="hit the rim")
    assert card(desk, session_id, trial) == "", "nobody judges the same trial twice"
    bea = of("Bea")
    shown = card(bea, session_id, trial)
    assert 'data-rating="second"' in shown
    assert "Second judgement" in shown
    page = bea.client.get(f"/evaluations/{session_id}/label").text
    assert "badge--failure" not in page, "not among the last decisions either"
    page = bea.client.get(f"/evaluations/{session_id}/trials/{trial}").text
    assert "waits for your own judgement" in page
    assert not re.search("badge--failure|hit the rim|Operator", page.split("Labels</h3>")[1])
    told = bea.client.get(f"/api/v1/evaluations/{session_id}/trials/{trial}").json()
    assert (told["owed"], told["labels"], told["instead_of"]) == ("second", [], 0)


def test_a_trial_counts_once_two_people_agree(desk: EvaluationDesk, session_id: int, of: Others) -> None:
    trial = desk.waiting(session_id)[0]
    desk.label(session_id, trial, "failure")
    assert judged(desk, session_id) == 0
    with desk.database.reading() as session:
        progress = progress_of(session, desk.row(session, session_id))
        assert (progress.waiting, progress.second_owed, progress.disputed) == (4, 1, 0)
    assert of("Bea").label(session_id, trial, "failure", rating="second", instead_of=0).status_code == 200
    assert judged(desk, session_id) == 1
    page = desk.client.get(f"/evaluations/{session_id}").text
    assert "1/1, 100 %" in page


def test_a_dispute_is_settled_by_a_third_person_and_counts_only_then(
    desk: EvaluationDesk, session_id: int, of: Others
) -> None:
    ada, bea, carla = of("Ada"), of("Bea"), of("Carla")
    trial = desk.waiting(session_id)[0]
    label = ada.label(session_id, trial, "failure").json()["event_id"]
    bea.label(session_id, trial, "success", rating="second", instead_of=0)
    assert judged(desk, session_id) == 0
    assert card(ada, session_id, trial) == card(bea, session_id, trial) == ""
    refused = bea.label(session_id, trial, "success", rating="settled", instead_of=label)
    assert refused.status_code == 409
    assert "third person" in refused.json()["error"]
    assert 'data-rating="settled"' in card(carla, session_id, trial)
    settled = carla.label(session_id, trial, "success", rating="settled", instead_of=label)
    assert settled.status_code == 200
    assert judged(desk, session_id) == 1
    with desk.database.reading() as session:
        progress = progress_of(session, desk.row(session, session_id))
        assert (progress.agreement.pairs, progress.agreement.agreeing) == (1, 0)
        assert progress.disputed == 0


def test_neither_the_page_nor_the_report_takes_an_unsettled_trial_for_judged(
    desk: EvaluationDesk, session_id: int, of: Others
) -> None:
    first, second, third, fourth = desk.waiting(session_id)
    for trial in (first, second, third):
        desk.label(session_id, trial, "failure")
    bea = of("Bea")
    bea.label(session_id, first, "failure", rating="second", instead_of=0)
    bea.label(session_id, second, "success", rating="second", instead_of=0)
    assert "All trials are judged" not in desk.client.get(f"/evaluations/{session_id}").text
    desk.act(session_id, "close")
    with desk.database.reading() as session:
        report = view_report(session, EvaluationRepository(session).get(session_id))
    excluded = report["exclusions"]
    assert (report["counted"], excluded.unsettled, excluded.unlabelled, excluded.not_run) == (1, 2, 1, 4)
    assert (report["agreement"].pairs, report["agreement"].agreeing) == (2, 1)
    assert report["raters"] == ["Bea", "Operator"]
    methods = re.sub(r"\s+", " ", desk.client.get(f"/evaluations/{session_id}/report").text)
    assert "1 of 2 were judged alike" in methods
    assert "2 not settled between two people" in methods
    assert desk.label(session_id, fourth, "success").status_code == 409


def test_a_sequential_session_does_not_end_on_first_judgements(desk: EvaluationDesk, of: Others) -> None:
    session_id = desk.begun(repeats="8", design="sequential", second_rater_percent="100")
    desk.run_all(session_id, BOTH)
    with desk.database.reading() as session:
        letters = {
            trial.id: run.candidate.letter
            for run in session.scalars(select(PlannedRun))
            for trial in run.trials
        }

    def enough() -> bool:
        with desk.database.reading() as session:
            return enough_evidence(desk.row(session, session_id), run_states(session, session_id))

    outcome = {"A": "success", "B": "failure"}
    for trial, letter in letters.items():
        desk.label(session_id, trial, outcome[letter])
    assert not enough()
    bea = of("Bea")
    for trial, letter in letters.items():
        bea.label(session_id, trial, outcome[letter], rating="second", instead_of=0)
    assert enough()


def test_an_invalid_trial_gets_no_second_judgement_and_its_next_attempt_does(
    desk: EvaluationDesk, session_id: int, of: Others
) -> None:
    trial = desk.waiting(session_id)[0]
    desk.label(session_id, trial, "invalid")
    assert card(of("Bea"), session_id, trial) == ""
    (again,) = desk.turn(session_id, BOTH)["trials"]
    with desk.database.reading() as session:
        assert session.get_one(Trial, again).second_rated


def test_a_trial_that_was_settled_as_invalid_is_run_again(
    desk: EvaluationDesk, session_id: int, of: Others
) -> None:
    trial = desk.waiting(session_id)[0]
    label = desk.label(session_id, trial, "failure").json()["event_id"]
    of("Bea").label(session_id, trial, "invalid", rating="second", instead_of=0)
    of("Carla").label(session_id, trial, "invalid", rating="settled", instead_of=label)
    (again,) = desk.turn(session_id, BOTH)["trials"]
    with desk.database.reading() as session:
        assert session.get_one(Trial, again).attempt == 2


def test_the_share_is_drawn_by_the_place_in_the_order() -> None:
    def drawn(share: float, operator: str = "human") -> list[bool]:
        row = EvaluationSession(operator=operator, second_rater_share=share, seed=7)
        return [drawn_for_second_rating(row, position) for position in range(1, 401)]

    assert 60 < sum(drawn(0.2)) < 100
    assert drawn(0.2) == drawn(0.2)
    assert (sum(drawn(0.0)), sum(drawn(1.0))) == (0, 400)
    assert sum(drawn(1.0, operator="simulated")) == 0
