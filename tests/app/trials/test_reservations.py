"""Two people never have the same trial on their screens at the same time."""

import re
import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select, update

from app.accounts.service import ensure_user
from app.platform.database import Database
from app.platform.model import now
from app.trials.models import Reservation
from app.trials.reservations import LAPSES_AFTER, free_page, take

from .conftest import PAGE, Desk

OTHER_PAGE = "f" * 32


@pytest.fixture
def bea(desk: Desk, sign_in: Callable[[str, str], TestClient]) -> Desk:
    return Desk(sign_in("Bea", "operator"), desk.database, desk.experiment_id)


def _shown(desk: Desk, page: str = PAGE, holding: list[int] | None = None) -> list[int]:
    query = {"page": page, "holding": holding or []}
    html = desk.client.get(f"/experiments/{desk.experiment_id}/label/queue", params=query).text
    return [int(each) for each in re.findall(r'class="trial-card" data-trial="(\d+)"', html)]


def _kept(desk: Desk, page: str, holding: list[int]) -> set[int]:
    query = {"page": page, "holding": holding}
    html = desk.client.get(f"/experiments/{desk.experiment_id}/label/queue", params=query).text
    return {int(each) for each in re.findall(r'data-still-waiting="([\d ]*)"', html)[0].split()}


def test_what_one_has_on_the_screen_another_is_not_given(desk: Desk, bea: Desk) -> None:
    order = desk.waiting("gate") + desk.waiting("held_out")
    assert _shown(desk) == order[:6]
    assert _shown(bea, OTHER_PAGE) == order[6:]
    assert "6</strong> on other screens" in bea.client.get(f"/experiments/{bea.experiment_id}/label").text


def test_reservation_lapses_unless_it_is_renewed(desk: Desk, bea: Desk) -> None:
    mine = _shown(desk)
    with desk.database.transaction() as session:
        session.execute(update(Reservation).values(expires_at=now() - timedelta(seconds=1)))
    theirs = _shown(bea, OTHER_PAGE)
    assert theirs == mine, "nobody has them any more"
    assert _kept(desk, PAGE, mine) == set(), "what was taken meanwhile goes from the page that slept"
    assert _kept(bea, OTHER_PAGE, theirs) == {*theirs}


def test_closed_page_gives_back_its_own_trials_alone(desk: Desk, bea: Desk) -> None:
    mine = _shown(desk)
    assert desk.client.post("/label/leave", data={"page": OTHER_PAGE}).status_code == 204
    assert mine[0] not in _shown(bea, OTHER_PAGE)
    assert desk.client.post("/label/leave", data={"page": PAGE}).status_code == 204
    assert mine[0] in _shown(bea, OTHER_PAGE)


def test_own_reload_gets_the_same_trials(desk: Desk) -> None:
    assert _shown(desk) == _shown(desk, OTHER_PAGE)


def test_label_frees_the_trial(desk: Desk) -> None:
    trial = _shown(desk)[0]
    desk.label(trial)
    with desk.database.reading() as session:
        assert session.get(Reservation, trial) is None


def test_viewer_holds_nothing_back(desk: Desk, sign_in: Callable[[str, str], TestClient]) -> None:
    viewer = Desk(sign_in("Visitor", "viewer"), desk.database, desk.experiment_id)
    assert _shown(viewer) == _shown(desk)


def test_of_many_who_ask_at_once_each_trial_goes_to_one(desk: Desk, database: Database) -> None:
    trials, people = desk.waiting("gate") + desk.waiting("held_out"), 4
    with database.transaction() as session:
        users = [ensure_user(session, f"Person {each}", "operator") for each in range(people)]
        session.flush()
        names = [user.id for user in users]
    got: dict[int, set[int]] = {}
    together = threading.Barrier(people)

    def ask(user_id: int) -> None:
        together.wait(10)
        with database.transaction() as session:
            got[user_id] = take(session, trials, user_id, f"{user_id:032x}")

    threads = [threading.Thread(target=ask, args=(name,)) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(trial for taken in got.values() for trial in taken) == sorted(trials)


def test_reservation_lasts_for_a_while_from_each_renewal(desk: Desk, database: Database) -> None:
    trial = desk.waiting()[0]
    with database.transaction() as session:
        user = ensure_user(session, "Bea", "operator")
        session.flush()
        before = now()
        assert take(session, [trial], user.id, PAGE) == {trial}
        left = session.scalars(select(Reservation.expires_at)).one() - before
        assert LAPSES_AFTER <= left <= LAPSES_AFTER + timedelta(seconds=10)
        free_page(session, user.id, PAGE)
        assert session.scalars(select(Reservation.trial_id)).all() == []
