"""Who is asked to judge what, labels while the arm moves, and what a trial's motion was."""

from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import select

from app.accounts.models import User
from app.accounts.service import ensure_user
from app.cells.models import Cell
from app.platform.database import Database
from app.platform.model import now
from app.trials.models import SceneMatch, Trial

from ..cells.conftest import serve
from ..trials.test_live_routes import STORED, JudgingCell
from .conftest import Program

Programs = Callable[[str], Program]


@pytest.fixture
def bea(database: Database) -> int:
    """Somebody who judges, beside those who ask."""
    with database.transaction() as session:
        ensure_user(session, "Gone", "operator").deactivated_at = now()
        return ensure_user(session, "Bea", "operator").id


def load_of(program: Program, name: str) -> dict:
    return next(each for each in program.get("/assignments") if each["name"] == name)


def test_an_experiment_is_assigned_with_its_trials_to_come(program: Programs, waiting: int, bea: int) -> None:
    researcher = program("researcher")
    made = researcher.post("/assignments", {"to": bea, "experiment": waiting})
    assert made.status_code == 200, made.text
    expected = {"user_id": bea, "name": "Bea", "experiments": [waiting], "trials": 0}
    assert made.json() == {"trials": 0, "judge": expected}
    assert load_of(program("viewer"), "Bea") == expected
    me = program("operator")
    assert me.get("/queue", assigned="me")["items"] == []
    own = load_of(me, "Operator")["user_id"]
    researcher.post("/assignments", {"to": own, "experiment": waiting})
    assert load_of(me, "Bea")["experiments"] == [], "it has changed hands"
    assert len(me.get("/queue", assigned="me")["items"]) == 3
    assert researcher.ask("DELETE", f"/assignments/{own}").status_code == 204
    assert me.get("/queue", assigned="me")["items"] == []


def test_trials_that_wait_are_assigned_by_what_they_are(program: Programs, waiting: int, bea: int) -> None:
    researcher = program("researcher")
    form = {"to": bea, "experiment": waiting, "purpose": "gate", "region": "T2"}
    assert researcher.post("/assignments", form).json()["trials"] == 1
    assert load_of(researcher, "Bea")["trials"] == 1
    refused = researcher.post("/assignments", {**form, "region": "T99"})
    assert (refused.status_code, "No trial that waits" in refused.json()["detail"]) == (409, True)


def test_nobody_is_asked_who_judges_nothing(
    program: Programs, waiting: int, bea: int, database: Database
) -> None:
    researcher, viewer = program("researcher"), program("viewer")
    assert "Gone" not in {each["name"] for each in viewer.get("/assignments")}
    with database.reading() as session:
        others = session.scalars(select(User.id).where(User.name.in_(("Viewer", "Gone")))).all()
    for user_id in (*others, 999):
        refused = researcher.post("/assignments", {"to": user_id, "experiment": waiting})
        assert (refused.status_code, refused.json()["errors"][0]["field"]) == (422, "to")
    assert researcher.post("/assignments", {"to": bea, "experiment": 99}).status_code == 404
    assert program("operator").post("/assignments", {"to": bea}).status_code == 403


@pytest.fixture(params=[None, STORED], ids=["over", "runs"])
def judging_cell(request: pytest.FixtureRequest, waiting: int, database: Database) -> Iterator[JudgingCell]:
    cell = JudgingCell(request.param)
    serving = serve(cell.service)
    with database.transaction() as session:
        session.scalars(select(Cell)).one().service_url = next(serving)
    yield cell
    next(serving, None)


def test_a_label_ends_the_motion_under_the_token_of_the_lease(
    program: Programs, waiting: int, judging_cell: JudgingCell
) -> None:
    operator = program("operator")
    trial = operator.get("/queue", experiment=waiting)["items"][0]["id"]
    form = {"outcome": "failure", "request_key": "program-00001", "token": 3}
    answer = operator.post(f"/trials/{trial}/live-label", form)
    assert (answer.status_code, answer.json()["outcome"]) == (200, "failure")
    (asked,) = judging_cell.asked
    assert (asked["trial_id"], asked["token"]) == (trial, 3)
    stored = operator.get(f"/trials/{trial}")["trial"]["label"]
    assert (stored is None) == (judging_cell.answer is not None), "the cell stores what ends a motion"
    assert program("viewer").post(f"/trials/{trial}/live-label", form).status_code == 403


def test_a_live_label_without_its_cell_is_not_stored(program: Programs, waiting: int) -> None:
    operator = program("operator")
    trial = operator.get("/queue", experiment=waiting)["items"][0]["id"]
    form = {"outcome": "failure", "request_key": "program-00001"}
    refused = operator.post(f"/trials/{trial}/live-label", form)
    assert (refused.status_code, "does not answer" in refused.json()["detail"]) == (503, True)
    assert operator.get(f"/trials/{trial}")["trial"]["label"] is None


def test_the_motion_of_a_trial_stands_beside_the_demonstration(program: Programs, waiting: int) -> None:
    viewer = program("viewer")
    trial = viewer.get("/trials", experiment=waiting, purpose="gate", iteration=2)["items"][0]
    review = viewer.get(f"/trials/{trial['id']}/review")
    times = len(review["time_s"])
    assert [len(each) for each in review["joints"]] == [times] * 7
    assert [len(each) for each in review["trial"]["tip"]] == [times] * 3
    assert len(review["trial"]["picture"]) == times
    assert review["demonstration"]["tip"]
    assert viewer.ask("GET", "/trials/999/review").status_code == 404


def test_a_trial_tells_who_matched_its_scene(program: Programs, waiting: int, database: Database) -> None:
    viewer = program("viewer")
    trial = viewer.get("/trials", experiment=waiting, status="executed")["items"][0]["id"]
    assert viewer.get(f"/trials/{trial}")["scene"] is None
    with database.transaction() as session:
        user = ensure_user(session, "Ada", "operator")
        session.add(SceneMatch(trial_id=trial, user_id=user.id, reference="trial"))
        session.get_one(Trial, trial).cut_short_at_s = 1.5
    told = viewer.get(f"/trials/{trial}")
    assert (told["scene"]["matched_by"], told["scene"]["source"]) == ("Ada", "trial")
    assert "/scene_matched.jpg" in told["scene"]["matched"]
    assert told["trial"]["cut_short_at_s"] == 1.5
