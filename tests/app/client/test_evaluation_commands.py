"""A blind comparison from another machine, from its plan to its report."""

import json
from pathlib import Path

import pytest
from sqlalchemy import select

from app.accounts.service import ensure_user
from app.evaluations.turns import next_turn
from app.experiments.models import Region
from app.platform.database import Database
from app.platform.settings import Settings
from app.training.models import Policy
from app.trials.models import Trial

from ..evaluations.evaluation_desk import NAMES, execute, seed_rivals
from .conftest import Hndp


@pytest.fixture
def plan(database: Database, settings: Settings, tmp_path: Path) -> Path:
    """A file that compares the policies of two experiments."""
    with database.transaction() as session:
        maker = ensure_user(session, "Maker", "researcher")
        seed_rivals(session, settings.artefacts, maker, iterations=1, train=2, held_out=1)
        policies = session.scalars(select(Policy.id).where(Policy.kind == "global")).all()
        held_out = select(Region.id).where(Region.experiment_id == 1, Region.split == "held_out")
        regions = session.scalars(held_out).all()
    asked = {
        "name": "Blind one",
        "layout": 1,
        "policies": list(policies),
        "regions": list(regions),
        "repeats": 2,
        "cell": "simulated",
    }
    file = tmp_path / "plan.json"
    file.write_text(json.dumps(asked))
    return file


def run_next_trial(database: Database, settings: Settings) -> None:
    """As the cell does it."""
    with database.transaction() as session:
        for trial_id in next_turn(session, 1, 0.0)["trials"]:
            execute(session, settings.artefacts, session.get_one(Trial, trial_id), lambda run: True)


def test_a_comparison_is_planned_judged_blind_and_reported(
    hndp: Hndp, plan: Path, database: Database, settings: Settings
) -> None:
    assert hndp("evaluations", "create", plan).stdout == "Evaluation 1, Blind one, is a draft of 4 trials.\n"
    assert "is running" in hndp("evaluations", "act", 1, "start").stdout
    assert "0 wait" in hndp("evaluations", "queue", 1).stdout
    run_next_trial(database, settings)
    lines = hndp("evaluations", "queue", 1, "--json").stdout.splitlines()
    trial = json.loads(lines[0])["id"]
    assert not any(name in line for line in lines for name in NAMES)
    assert "video.mp4" in hndp("evaluations", "queue", 1).stdout
    assert hndp("evaluations", "label", 1, trial, "failure").stdout == f"Trial {trial}: failure.\n"
    assert f"{len(lines) - 1} wait" in hndp("evaluations", "queue", 1).stdout
    assert "is taken back" in hndp("evaluations", "undo", 1).stdout
    assert hndp("evaluations", "label", 1, trial, "success").exit_code == 0
    assert hndp("evaluations", "report", 1).exit_code == 2, "its letters are not known yet"
    assert "is closed" in hndp("evaluations", "act", 1, "close").stdout
    report = json.loads(hndp("evaluations", "report", 1).stdout)
    assert sum(each["counted"]["successes"] for each in report["letters"]) == 1


def test_evaluations_are_listed_and_a_draft_is_discarded(hndp: Hndp, plan: Path) -> None:
    hndp("evaluations", "create", plan)
    assert "Blind one" in hndp("evaluations").stdout
    assert json.loads(hndp("evaluations", "--status", "draft", "--json").stdout)["letters"] == ["A", "B"]
    assert hndp("evaluations", "--status", "closed", "--json").stdout == ""
    assert "is discarded" in hndp("evaluations", "act", 1, "discard").stdout
    assert "There is no evaluation" in hndp("evaluations", "act", 1, "start").stderr
