import re
from collections import Counter

import pytest
from sqlalchemy import select

from app.evaluations.models import Candidate, EvaluationSession, PlannedRun
from app.training.models import Policy

from .evaluation_desk import EvaluationDesk


def test_letters_and_order_are_drawn_when_the_session_is_planned(desk: EvaluationDesk) -> None:
    session_id = desk.begun(repeats="3")
    with desk.database.reading() as session:
        row = session.get_one(EvaluationSession, session_id)
        runs = session.scalars(select(PlannedRun).order_by(PlannedRun.position)).all()
        assert [each.letter for each in row.candidates] == ["A", "B"]
        assert [each.id for each in row.candidates] == sorted(each.id for each in row.candidates)
        assert [run.position for run in runs] == list(range(1, 13))
        assert set(Counter((run.candidate_id, run.region_id) for run in runs).values()) == {3}
        assert [run.block for run in runs] == [1] * 4 + [2] * 4 + [3] * 4
        assert row.created_by.name == "Operator"


def test_the_letters_do_not_follow_the_policies(
    desk: EvaluationDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    for place in range(8):
        monkeypatch.setattr("app.evaluations.service.secrets.randbits", lambda bits, drawn=place: drawn)
        assert desk.plan(name=f"Session {place}").status_code == 303
    with desk.database.reading() as session:
        behind_a = session.scalars(select(Candidate.policy_id).where(Candidate.letter == "A")).all()
    assert len(set(behind_a)) == 2


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"name": ""}, "Give it a name"),
        ({"policies": ["1"]}, "Choose 2 to 6 policies"),
        ({"policies": ["999", "998"]}, "Choose policies of the task"),
        ({"regions": []}, "Choose at least one region"),
        ({"regions": ["999"]}, "Choose regions of Quokka"),
        ({"repeats": "1.5"}, "whole number between 1 and 200"),
        ({"level": "0.5"}, "between 0.001 and 0.2"),
        ({"design": "eternal"}, "Choose one of fixed, sequential"),
        ({"curves": "some"}, "Choose one of hidden, shown"),
        ({"second_rater_percent": "101"}, "whole number between 0 and 100"),
        ({"second_rater_percent": "nan"}, "whole number between 0 and 100"),
        ({"second_rater_percent": "12.5"}, "whole number between 0 and 100"),
        ({"cell": "moon"}, "Choose a cell"),
    ],
)
def test_what_does_not_fit_is_said_beside_its_field(
    desk: EvaluationDesk, changes: dict[str, object], said: str
) -> None:
    answer = desk.plan(**changes)
    assert answer.status_code == 422
    assert said in answer.text
    assert 'role="alert"' in answer.text
    with desk.database.reading() as session:
        assert session.scalars(select(EvaluationSession)).all() == []


def test_how_it_is_judged_is_part_of_the_plan(desk: EvaluationDesk) -> None:
    plain = desk.begun(second_rater_percent="")
    with desk.database.reading() as session:
        row = desk.row(session, plain)
        assert (row.second_rater_share, row.curves) == (0.0, "hidden")
    session_id = desk.begun(name="Judged twice", second_rater_percent="15", curves="shown")
    with desk.database.reading() as session:
        row = desk.row(session, session_id)
        assert (row.second_rater_share, row.curves) == (0.15, "shown")
    page = desk.client.get(f"/evaluations/{session_id}").text
    assert "15 % of the trials" in page
    assert "shown to those who judge" in page
    form = desk.client.get("/evaluations/new").text
    assert re.search(r'name="curves" value="hidden" checked', form)


def test_local_policies_are_not_offered(desk: EvaluationDesk) -> None:
    page = desk.client.get("/evaluations/new").text
    assert page.count('name="policies"') == 4, "two iterations of two experiments"
    with desk.database.reading() as session:
        local = session.scalars(select(Policy.id).where(Policy.kind == "local")).all()
    assert desk.plan(policies=[str(each) for each in local[:2]]).status_code == 422


def test_a_name_is_taken_once_and_a_draft_can_be_discarded(desk: EvaluationDesk) -> None:
    first = desk.plan().headers["location"]
    assert "There is a session" in desk.plan().text
    assert desk.client.post(f"{first}/discard").status_code == 303
    assert desk.plan().status_code == 303
    with desk.database.reading() as session:
        assert len(session.scalars(select(PlannedRun)).all()) == 8


def test_the_planner_tells_the_number_that_the_handbook_knows(desk: EvaluationDesk) -> None:
    page = desk.client.get("/evaluations/planner").text
    assert 'data-trials="82"' in page
    assert 'data-trials="84"' in page
    assert 'data-trials="99"' in page
    wrong = desk.client.get("/evaluations/planner", params={"first": "0.8", "power": "x"}).text
    assert "Give a number." in wrong
    same = desk.client.get("/evaluations/planner", params={"first": "0.8"}).text
    assert "Choose one that differs from the first" in same
