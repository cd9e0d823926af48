"""Evaluation sessions for programs: blind until they are closed, whatever is asked."""

import json
from collections.abc import Callable

import pytest
from sqlalchemy import select

from app.accounts.service import ensure_user
from app.evaluations.turns import next_turn
from app.platform.database import Database
from app.platform.settings import Settings
from app.trials.models import Trial

from ..evaluations.evaluation_desk import NAMES, execute, seed_rivals
from .conftest import Program

Programs = Callable[[str], Program]


@pytest.fixture
def researcher(program: Programs, database: Database, settings: Settings) -> Program:
    """At two experiments whose policies can be compared."""
    with database.transaction() as session:
        maker = ensure_user(session, "Maker", "researcher")
        seed_rivals(session, settings.artefacts, maker, iterations=1, train=2, held_out=2)
    return program("researcher")


@pytest.fixture
def plan(researcher: Program) -> dict:
    regions = researcher.get("/experiments/1/regions")
    return {
        "name": "Blind one",
        "layout": 1,
        "policies": [each["id"] for each in researcher.get("/policies")["items"]],
        "regions": [each["id"] for each in regions if each["split"] == "held_out"],
        "repeats": 2,
        "cell": "simulated",
    }


@pytest.fixture
def begun(researcher: Program, plan: dict, database: Database, settings: Settings) -> int:
    """A session whose first trial waits for a label."""
    number = researcher.post("/evaluations", plan).json()["evaluation"]["id"]
    assert researcher.post(f"/evaluations/{number}/start").json()["evaluation"]["status"] == "running"
    with database.transaction() as session:
        for trial_id in next_turn(session, number, 0.0)["trials"]:
            execute(session, settings.artefacts, session.get_one(Trial, trial_id), lambda run: True)
    return number


def test_a_plan_is_stored_once_and_what_is_wrong_with_it_is_told(researcher: Program, plan: dict) -> None:
    key = {"idempotency-key": "0123456789"}
    made = researcher.post("/evaluations", plan, **key)
    assert made.status_code == 201, made.text
    assert made.json()["progress"]["planned"] == 8
    assert researcher.post("/evaluations", plan, **key).json() == made.json()
    refused = researcher.post("/evaluations", {**plan, "cell": "none", "regions": [999]})
    assert {each["field"] for each in refused.json()["errors"]} == {"name", "cell", "regions"}
    assert researcher.ask("DELETE", f"/evaluations/{made.json()['evaluation']['id']}").status_code == 204
    assert researcher.get("/evaluations")["items"] == []


def test_nothing_tells_whose_policy_a_trial_tried_before_the_close(
    researcher: Program, begun: int, database: Database
) -> None:
    session = researcher.get(f"/evaluations/{begun}")
    queue = researcher.get(f"/evaluations/{begun}/queue")
    trial = researcher.get(f"/evaluations/{begun}/trials/{queue['items'][0]['id']}")
    told = json.dumps([session, queue, trial, researcher.get("/evaluations")])
    for leak in (*NAMES, "policy", 'letter":', "physics", "seed"):
        assert leak not in told
    assert researcher.ask("GET", f"/evaluations/{begun}/report").status_code == 409
    with database.reading() as reading:
        numbers = reading.scalars(select(Trial.id).where(Trial.purpose == "evaluation")).all()
    for number in numbers:
        assert researcher.ask("GET", f"/trials/{number}").status_code == 404
        assert researcher.ask("GET", f"/trials/{number}/record").status_code == 404
    listed = {each["id"] for each in researcher.get("/trials", limit=200)["items"]}
    assert not listed & set(numbers)


def test_a_trial_is_judged_from_what_was_seen_and_the_close_reveals(researcher: Program, begun: int) -> None:
    trial = researcher.get(f"/evaluations/{begun}/queue")["items"][0]
    path = f"/evaluations/{begun}/trials/{trial['id']}/labels"
    form = {"outcome": "success", "request_key": "program-00001", "instead_of": trial["instead_of"]}
    assert researcher.post(path, form).json()["labels"][0]["outcome"] == "success"
    stale = {**form, "outcome": "failure", "request_key": "program-00002"}
    assert researcher.post(path, stale).status_code == 409
    report = researcher.post(f"/evaluations/{begun}/close").json()
    assert report == researcher.get(f"/evaluations/{begun}/report")
    assert {name for each in report["letters"] for name in NAMES if name in each["title"]} == set(NAMES)
    assert sum(each["counted"]["successes"] for each in report["letters"]) == 1


def test_what_is_said_of_failures_is_in_the_label_and_in_the_report(researcher: Program, begun: int) -> None:
    first, second = researcher.get(f"/evaluations/{begun}/queue")["items"][:2]
    modes = first["rubric"]["failure_modes"]
    form = {"outcome": "failure", "milestones": 2, "failure_mode": modes[0], "request_key": "program-00001"}
    told = researcher.post(f"/evaluations/{begun}/trials/{first['id']}/labels", form).json()
    assert (told["labels"][-1]["score"], told["labels"][-1]["failure_mode"]) == (0.5, modes[0])
    assert told["owed"] is None
    plain = {"outcome": "failure", "request_key": "program-00002"}
    researcher.post(f"/evaluations/{begun}/trials/{second['id']}/labels", plain)
    undone = researcher.post(f"/evaluations/{begun}/labels/undo", {"request_key": "program-00003"})
    assert (undone.json()["trial_id"], undone.json()["outcome"]) == (second["id"], "withdrawn")
    assert researcher.get(f"/evaluations/{begun}/queue")["waiting"] == 3
    report = researcher.post(f"/evaluations/{begun}/close").json()
    assert [(each["mode"], sum(each["counts"])) for each in report["failure_modes"]] == [(modes[0], 1)]
    assert (sum(report["failures"]), report["failures_with_milestones"]) == (1, 1)
    assert 0.5 in [each["score"] for each in report["letters"]]


def test_reserved_trials_are_given_to_nobody_else(researcher: Program, begun: int, program: Programs) -> None:
    operator = program("operator")
    held = researcher.post(f"/evaluations/{begun}/queue/reservations", {"page": "a" * 32, "limit": 3}).json()
    queue = operator.get(f"/evaluations/{begun}/queue")
    assert (queue["waiting"], queue["elsewhere"], len(queue["items"])) == (4, 3, 1)
    assert not {each["id"] for each in queue["items"]} & {each["id"] for each in held["items"]}
    assert researcher.post("/queue/leave", {"page": "a" * 32}).status_code == 204
    assert len(operator.get(f"/evaluations/{begun}/queue")["items"]) == 4


def test_a_second_rater_and_curves_are_part_of_a_plan(
    researcher: Program, plan: dict, database: Database, settings: Settings, program: Programs
) -> None:
    made = researcher.post("/evaluations", {**plan, "second_rater_percent": 100, "curves": "shown"}).json()
    assert (made["evaluation"]["second_rater_share"], made["evaluation"]["curves"]) == (1.0, "shown")
    assert made["rubric"]["milestones"]
    number = made["evaluation"]["id"]
    researcher.post(f"/evaluations/{number}/start")
    with database.transaction() as session:
        for trial_id in next_turn(session, number, 0.0)["trials"]:
            execute(session, settings.artefacts, session.get_one(Trial, trial_id), lambda run: True)
    trial = researcher.get(f"/evaluations/{number}/queue")["items"][0]
    path = f"/evaluations/{number}/trials/{trial['id']}"
    motion = researcher.get(f"{path}/motion")
    assert len(motion["joints"]) == 7
    assert len(motion["tip"][0]) == len(motion["picture"]) == len(motion["time_s"])
    researcher.post(f"{path}/labels", {"outcome": "failure", "request_key": "program-00001"})
    operator = program("operator")
    seen = operator.get(path)
    assert (seen["owed"], seen["labels"]) == ("second", [])
    second = {"outcome": "success", "rating": "second", "instead_of": 0, "request_key": "program-00002"}
    assert operator.post(f"{path}/labels", second).json()["disputed"]
    progress = researcher.get(f"/evaluations/{number}")["progress"]
    assert (progress["judged"], progress["disputed"], progress["agreement"]["pairs"]) == (0, 1, 1)
    assert researcher.get(path)["owed"] == "settled"


def test_what_cannot_be_judged_is_a_problem_that_says_why(researcher: Program, begun: int) -> None:
    trial = researcher.get(f"/evaluations/{begun}/queue")["items"][0]["id"]
    path = f"/evaluations/{begun}/trials/{trial}"
    refused = researcher.ask("GET", f"{path}/motion")
    assert (refused.status_code, "judge by the film" in refused.json()["detail"]) == (409, True)
    withdrawn = researcher.post(f"{path}/labels", {"outcome": "withdrawn", "request_key": "program-00001"})
    assert withdrawn.status_code == 422
    assert (
        researcher.post(f"/evaluations/{begun}/labels/undo", {"request_key": "program-00002"}).status_code
        == 409
    )
    assert researcher.ask("GET", f"/evaluations/{begun}/trials/1").status_code == 404
