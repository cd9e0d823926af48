import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.evaluations.progress import trials_per_hour
from app.evaluations.report import view_report
from app.evaluations.repository import EvaluationRepository
from hndp_core.evaluation.significance import barnard, mcnemar
from hndp_core.evaluation.success_rate import SuccessRate

from .evaluation_desk import NAMES, EvaluationDesk, truth_by_letter

A_BETTER = truth_by_letter(A=True, B=False)


def closed(desk: EvaluationDesk, **plan: str) -> int:
    """A simulated session in which A always succeeds and B never does, closed; 12 trials each."""
    session_id = desk.begun(operator="simulated", repeats="6", **plan)
    desk.run_all(session_id, A_BETTER)
    assert desk.act(session_id, "close").status_code == 303
    return session_id


def report_of(desk: EvaluationDesk, session_id: int) -> dict:
    with desk.database.reading() as session:
        return view_report(session, EvaluationRepository(session).get(session_id))


@pytest.mark.parametrize(
    ("plan", "test", "p"),
    [
        ({}, "McNemar", mcnemar(12, 0)),
        ({"pairing": "independent"}, "Barnard", barnard(SuccessRate(12, 12), SuccessRate(0, 12))),
        ({"design": "sequential"}, "sequential", None),
    ],
)
def test_the_design_decides_the_test(
    desk: EvaluationDesk, plan: dict[str, Any], test: str, p: float | None
) -> None:
    (verdict,) = report_of(desk, closed(desk, **plan))["verdicts"]
    assert (verdict.first, verdict.second, verdict.found.test) == ("A", "B", test)
    assert verdict.difference == 1.0
    assert verdict.found.different
    if p is not None:
        assert verdict.found.p == pytest.approx(p)


def test_closing_reveals_and_says_who_did_it(desk: EvaluationDesk) -> None:
    session_id = closed(desk)
    assert desk.client.get(f"/evaluations/{session_id}").headers["location"].endswith("/report")
    page = desk.client.get(f"/evaluations/{session_id}/report").text
    assert all(name in page for name in NAMES)
    assert "12/12" in page
    assert "0/12" in page
    methods = re.sub(r"\s+", " ", page[page.index('id="methods"') :])
    assert "compared 2 policies" in methods
    assert "judged by the simulator's physics" in methods.replace("&#39;", "'")
    assert "24 of 24 planned trials count" in methods
    assert "McNemar" in methods
    with desk.database.reading() as session:
        row = desk.row(session, session_id)
        assert row.closed_by is not None
        assert (row.closed_by.name, row.status) == ("Operator", "closed")
        assert row.closed_at is not None
    assert desk.act(session_id, "close").status_code == 409


def test_people_s_labels_name_them_and_what_is_missing(desk: EvaluationDesk) -> None:
    session_id = desk.begun()
    trials = desk.turn(session_id, A_BETTER)["trials"]
    desk.label(session_id, trials[0], "invalid")
    desk.label(session_id, trials[1], "success")
    desk.act(session_id, "close")
    report = report_of(desk, session_id)
    assert (report["exclusions"].invalid, report["exclusions"].unlabelled) == (1, 2)
    assert report["exclusions"].not_run == 4
    assert report["raters"] == ["Operator"]
    page = desk.client.get(f"/evaluations/{session_id}/report").text
    methods = re.sub(r"\s+", " ", page[page.index('id="methods"') :])
    assert "judged by Operator" in methods
    assert "closed before they were complete" in methods
    assert 'class="few"' in page


def test_partial_credit_and_regions_add_up(desk: EvaluationDesk) -> None:
    report = report_of(desk, closed(desk))
    first, second = report["letters"]
    assert (first.score, first.score_interval) == (1.0, (1.0, 1.0))
    assert (second.score, second.few, first.counted.trials) == (0.0, False, 12)
    assert first.exact[0] == pytest.approx(0.025 ** (1 / 12))
    assert sum(rates[0].trials for _, rates in report["regions"]) == 12
    assert report["drift"] is None, "no policy has both outcomes"
    assert all(0 <= rate.low <= rate.rate <= rate.high <= 1 for rate in report["shrunk"].values())


def test_a_sequential_session_says_when_the_evidence_is_enough_and_nothing_else(desk: EvaluationDesk) -> None:
    session_id = desk.begun(operator="simulated", repeats="8", design="sequential")
    told = []
    for _ in range(8):
        desk.turn(session_id, A_BETTER)
        told.append("Enough evidence" in desk.client.get(f"/evaluations/{session_id}").text)
    assert told == sorted(told)
    assert not told[0]
    assert told[-1]


def test_a_fixed_session_never_says_so(desk: EvaluationDesk) -> None:
    session_id = desk.begun(operator="simulated", repeats="8")
    desk.run_all(session_id, A_BETTER)
    page = desk.client.get(f"/evaluations/{session_id}").text
    assert "Enough evidence" not in page
    assert "All trials are judged" in page


def test_the_pace_of_a_cell_leaves_breaks_out() -> None:
    gaps_s = (60, 60, 7200, 90, 60, 60)
    ends = [datetime(2026, 3, 2, 9, 0, tzinfo=UTC)]
    for gap in gaps_s:
        ends.append(ends[-1] - timedelta(seconds=gap))
    assert trials_per_hour(ends) == 60.0
    assert trials_per_hour(ends[:5]) is None, "too few to tell"
