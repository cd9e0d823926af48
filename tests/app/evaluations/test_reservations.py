"""Two people never have the same blind trial on their screens at the same time."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select, update

from app.platform.model import now
from app.trials.models import Reservation
from app.trials.page_share import AHEAD

from .evaluation_desk import PAGE, EvaluationDesk, truth_by_letter

OTHER_PAGE = "f" * 32
BOTH = truth_by_letter(A=True, B=True)


@pytest.fixture
def bea(desk: EvaluationDesk, sign_in: Callable[[str, str], TestClient]) -> EvaluationDesk:
    return desk.of(sign_in("Bea", "operator"))


@pytest.fixture
def session_id(desk: EvaluationDesk) -> int:
    """A session whose eight trials all wait."""
    session_id = desk.begun()
    desk.run_all(session_id, BOTH)
    return session_id


def test_what_one_has_on_the_screen_another_is_not_given(
    desk: EvaluationDesk, bea: EvaluationDesk, session_id: int
) -> None:
    order = desk.waiting(session_id)
    assert desk.shown(session_id) == order[:AHEAD]
    assert bea.shown(session_id, OTHER_PAGE) == order[AHEAD:]
    assert "6</strong> on other screens" in bea.client.get(f"/evaluations/{session_id}/label").text


def test_the_page_says_when_others_hold_all_that_waits(
    desk: EvaluationDesk, bea: EvaluationDesk, session_id: int
) -> None:
    held = desk.shown(session_id)
    for trial in set(desk.waiting(session_id)) - set(held):
        desk.label(session_id, trial, "success")
    page = bea.client.get(f"/evaluations/{session_id}/label").text
    assert "Others have them on their screens" in page
    assert "All 6 trials that wait are on other screens now" in page
    desk.client.post("/label/leave", data={"page": PAGE})
    assert "Others have them" not in bea.client.get(f"/evaluations/{session_id}/label").text


def test_a_reservation_lapses_unless_it_is_renewed(
    desk: EvaluationDesk, bea: EvaluationDesk, session_id: int
) -> None:
    mine = desk.shown(session_id)
    with desk.database.transaction() as session:
        session.execute(update(Reservation).values(expires_at=now() - timedelta(seconds=1)))
    assert bea.shown(session_id, OTHER_PAGE) == mine
    query = {"page": PAGE, "holding": mine}
    html = desk.client.get(f"/evaluations/{session_id}/label/queue", params=query).text
    assert 'data-still-waiting=""' in html, "what was taken meanwhile goes from the page that slept"


def test_a_label_frees_the_trial(desk: EvaluationDesk, session_id: int) -> None:
    trial = desk.shown(session_id)[0]
    desk.label(session_id, trial, "success")
    with desk.database.reading() as session:
        assert session.get(Reservation, trial) is None


def test_a_viewer_holds_nothing_back(
    desk: EvaluationDesk, session_id: int, sign_in: Callable[[str, str], TestClient]
) -> None:
    viewer = desk.of(sign_in("Visitor", "viewer"))
    assert viewer.shown(session_id) == desk.shown(session_id)
    with desk.database.reading() as session:
        assert len(session.scalars(select(Reservation)).all()) == AHEAD


def test_a_page_of_one_session_is_given_no_trial_of_another(desk: EvaluationDesk, session_id: int) -> None:
    other = desk.begun(name="Other")
    desk.turn(other, BOTH)
    theirs = desk.waiting(other)
    query = {"page": PAGE, "holding": theirs, "first": theirs[0]}
    html = desk.client.get(f"/evaluations/{session_id}/label/queue", params=query).text
    assert 'data-still-waiting=""' in html
    assert f'data-trial="{theirs[0]}"' not in html


def test_the_queues_of_experiments_count_no_blind_trial(
    desk: EvaluationDesk, bea: EvaluationDesk, session_id: int
) -> None:
    desk.shown(session_id)
    assert "on other screens" not in bea.client.get("/label").text
