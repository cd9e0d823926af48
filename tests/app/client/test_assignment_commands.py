"""Asking people to judge from another machine."""

import json

import pytest

from app.accounts.service import ensure_user
from app.platform.database import Database

from .conftest import Hndp


@pytest.fixture(autouse=True)
def bea(database: Database) -> None:
    with database.transaction() as session:
        ensure_user(session, "Bea", "operator")


def test_somebody_is_asked_for_an_experiment_or_for_trials_and_for_nothing_again(
    hndp: Hndp, experiment: int
) -> None:
    def load() -> dict:
        lines = [json.loads(line) for line in hndp("assignments", "--json").stdout.splitlines()]
        return next(each for each in lines if each["name"] == "Bea")

    assert load()["experiments"] == []
    whole = hndp("assign", "bea", "--experiment", experiment)
    assert whole.stdout == f"Bea is asked to judge all of experiment {experiment}.\n"
    assert load()["experiments"] == [experiment]
    some = hndp("assign", "Bea", "--experiment", experiment, "--purpose", "gate")
    assert some.stdout == "Bea is asked to judge 2 trials.\n"
    assert load()["trials"] == 2
    assert "Bea" in hndp("assignments").stdout
    hndp("take-back", "Bea")
    assert (load()["experiments"], load()["trials"]) == ([], 0)


def test_nobody_unknown_is_asked(hndp: Hndp, experiment: int) -> None:
    refused = hndp("assign", "Cy", "--experiment", experiment)
    assert (refused.exit_code, "no judge Cy" in refused.stderr) == (2, True)
    none = hndp("assign", "Bea", "--region", "T99")
    assert "No trial that waits" in none.stderr
