"""What is said of a blind trial beyond success and failure, and what the report makes of it."""

import re

import numpy as np
import pytest

from app.evaluations.report import view_report
from app.evaluations.repository import EvaluationRepository
from app.trials.models import LabelEvent, Trial
from hndp_core.evaluation.bootstrap import bootstrap_interval
from hndp_core.seeding import seed_for
from hndp_core.tasks import get_task

from .evaluation_desk import EvaluationDesk, truth_by_letter

BOTH = truth_by_letter(A=True, B=True)
RUBRIC = get_task("scooping").rubric


def last_event(desk: EvaluationDesk, trial: int) -> LabelEvent:
    with desk.database.reading() as session:
        return session.get_one(Trial, trial).labels[-1]


def by_letter(desk: EvaluationDesk, trials: list[int]) -> dict[str, list[int]]:
    """The trials of each letter, which no page tells."""
    found: dict[str, list[int]] = {}
    with desk.database.reading() as session:
        for trial in trials:
            run = session.get_one(Trial, trial).planned_run
            assert run is not None
            found.setdefault(run.candidate.letter, []).append(trial)
    return found


def report_of(desk: EvaluationDesk, session_id: int) -> dict:
    with desk.database.reading() as session:
        return view_report(session, EvaluationRepository(session).get(session_id))


def methods_of(desk: EvaluationDesk, session_id: int) -> str:
    page = desk.client.get(f"/evaluations/{session_id}/report").text
    return re.sub(r"\s+", " ", page[page.index('id="methods"') :])


def test_milestones_and_failure_modes_are_said_after_the_label_and_add_events(desk: EvaluationDesk) -> None:
    session_id = desk.begun()
    done, failed = desk.turn(session_id, BOTH)["trials"][:2]
    desk.label(session_id, done, "success")
    assert (last_event(desk, done).score, last_event(desk, done).milestones) == (1.0, list(RUBRIC.up_to(4)))
    seen = desk.label(session_id, failed, "failure").json()["event_id"]
    seen = desk.label(session_id, failed, "failure", failure_mode="hit the rim", instead_of=seen).json()[
        "event_id"
    ]
    told = desk.label(session_id, failed, "failure", milestones=2, instead_of=seen).json()
    assert (told["failure_mode"], told["score"]) == ("hit the rim", 0.5)
    with desk.database.reading() as session:
        events = session.get_one(Trial, failed).labels
        assert [(each.outcome, each.score) for each in events] == [("failure", None)] * 2 + [("failure", 0.5)]
    page = desk.client.get(f"/evaluations/{session_id}/trials/{failed}").text
    assert "hit the rim" in page
    assert "Say why it failed" in page
    refused = desk.label(session_id, failed, "failure", milestones=5)
    assert (refused.status_code, refused.json()["field"]) == (422, "milestones")


def test_the_page_offers_the_rubric_that_held_at_the_start(desk: EvaluationDesk) -> None:
    """Neither the choices nor the credits change for a session that is under way."""
    session_id = desk.begun()
    first, second = desk.turn(session_id, BOTH)["trials"][:2]
    before = desk.label(session_id, first, "failure", milestones=2).json()["score"]
    form = {"milestone_1": "over the bowl", "credit_1": "1", "milestone_2": "almond up", "credit_2": "3"}
    assert desk.client.post("/rubrics/scooping", data={**form, "mode_1": "slipped off"}).status_code == 303
    page = desk.client.get(f"/evaluations/{session_id}/label").text
    assert 'data-mode="hit the rim"' in page
    assert "slipped off" not in page
    assert desk.label(session_id, second, "failure", milestones=2).json()["score"] == before == 0.5
    later = desk.begun(name="Later")
    trial = desk.turn(later, BOTH)["trials"][0]
    assert 'data-mode="slipped off"' in desk.client.get(f"/evaluations/{later}/label").text
    assert desk.label(later, trial, "failure", milestones=1).json()["score"] == 0.25


def test_a_session_from_before_rubrics_were_pinned_uses_the_present_one(desk: EvaluationDesk) -> None:
    session_id = desk.begun()
    with desk.database.transaction() as session:
        desk.row(session, session_id).rubric = None
    trial = desk.turn(session_id, BOTH)["trials"][0]
    assert desk.label(session_id, trial, "failure", milestones=2).json()["score"] == 0.5


def test_partial_credit_comes_from_the_milestones_with_its_interval(desk: EvaluationDesk) -> None:
    session_id = desk.begun()
    desk.run_all(session_id, BOTH)
    trials = by_letter(desk, desk.waiting(session_id))
    for trial, milestones in zip(trials["A"], (0, 1, 2, 4), strict=True):
        desk.label(session_id, trial, "failure", milestones=milestones)
    desk.label(session_id, trials["B"][0], "success")
    for trial in trials["B"][1:]:
        desk.label(session_id, trial, "failure")
    desk.act(session_id, "close")
    report = report_of(desk, session_id)
    first, second = report["letters"]
    scores = [RUBRIC.score(RUBRIC.up_to(count)) for count in (0, 1, 2, 4)]
    assert first.score == pytest.approx(sum(score or 0.0 for score in scores) / 4)
    assert first.counted.successes == 0
    assert second.score == 0.25, "a success has all credit, failures without milestones none"
    with desk.database.reading() as session:
        seed = seed_for(desk.row(session, session_id).seed, "bootstrap", "A")
    low, high = first.score_interval
    assert (low, high) == bootstrap_interval(np.array(scores, dtype=np.float64), seed=seed)
    assert 0 <= low < first.score < high <= 1
    assert (report["failures"].with_milestones, sum(report["failures"].total)) == (4, 7)
    page = desk.client.get(f"/evaluations/{session_id}/report").text
    assert f"{first.score:.2f} ({low:.2f} to {high:.2f})" in page
    assert "the 3 of 7 failures of which no milestones were told count 0" in methods_of(desk, session_id)


def test_a_report_without_milestones_says_that_credit_is_success_alone(desk: EvaluationDesk) -> None:
    session_id = desk.begun(repeats="1")
    for place, trial in enumerate(desk.turn(session_id, BOTH)["trials"]):
        desk.label(session_id, trial, "failure" if place else "success")
    desk.act(session_id, "close")
    page = desk.client.get(f"/evaluations/{session_id}/report").text
    assert "Partial credit is success alone" in page
    assert "every trial's credit is its success" in methods_of(desk, session_id).replace("&#39;", "'")


def test_the_report_counts_failure_modes_of_each_letter(desk: EvaluationDesk) -> None:
    session_id = desk.begun()
    desk.run_all(session_id, BOTH)
    trials = by_letter(desk, desk.waiting(session_id))
    for trial in trials["A"][:2]:
        desk.label(session_id, trial, "failure", failure_mode="hit the rim")
    desk.label(session_id, trials["A"][2], "failure", failure_mode="other", note="the bowl was full")
    desk.label(session_id, trials["A"][3], "success")
    desk.label(session_id, trials["B"][0], "failure", failure_mode="an older word")
    desk.label(session_id, trials["B"][1], "failure")
    desk.label(session_id, trials["B"][2], "invalid")
    desk.act(session_id, "close")
    failures = report_of(desk, session_id)["failures"]
    assert [(each.mode, each.counts) for each in failures.modes] == [
        ("hit the rim", (2, 0)),
        ("an older word", (0, 1)),
        ("other", (1, 0)),
        ("not said", (0, 1)),
    ]
    assert failures.total == (3, 2)
    page = desk.client.get(f"/evaluations/{session_id}/report").text
    assert "A: the bowl was full" in page
    assert "Hit the rim" in page
