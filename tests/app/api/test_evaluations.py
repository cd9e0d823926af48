"""Evaluation sessions for programs: blind until they are closed, whatever is asked."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from app.accounts.service import ensure_user
from app.evaluations.turns import next_turn
from app.platform.database import Database
from app.platform.settings import Settings
from app.trials.models import Trial

from ..evaluations.evaluation_desk import NAMES, execute
from ..seeded_experiment import seed_experiment
from .conftest import Program

Programs = Callable[[str], Program]


@pytest.fixture
def researcher(program: Programs, database: Database, settings: Settings) -> Program:
    """At two experiments whose policies can be compared."""
    with database.transaction() as session:
        maker = ensure_user(session, "Maker", "researcher")
        sizes: dict[str, Any] = {"iterations_done": 1, "planned_iterations": 1, "train": 2, "held_out": 2}
        for seed, name in enumerate(NAMES):
            seed_experiment(session, settings.artefacts, maker, name=name, seed=seed, **sizes)
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
    trial = researcher.get(f"/evaluations/{begun}/trials/{queue['trial']['id']}")
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
    trial = researcher.get(f"/evaluations/{begun}/queue")["trial"]
    path = f"/evaluations/{begun}/trials/{trial['id']}/labels"
    form = {"outcome": "success", "request_key": "program-00001", "seen": 0}
    assert researcher.post(path, form).json()["labels"][0]["outcome"] == "success"
    stale = {"outcome": "failure", "request_key": "program-00002", "seen": 0}
    assert researcher.post(path, stale).status_code == 409
    report = researcher.post(f"/evaluations/{begun}/close").json()
    assert report == researcher.get(f"/evaluations/{begun}/report")
    assert {name for each in report["letters"] for name in NAMES if name in each["title"]} == set(NAMES)
    assert sum(each["counted"]["successes"] for each in report["letters"]) == 1
