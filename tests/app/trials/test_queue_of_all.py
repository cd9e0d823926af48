"""The queue over all experiments: what it shows, to whom, and who is asked to judge."""

import re
from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select, update

from app.accounts.models import User
from app.trials.models import Assignment, Trial

from .conftest import Desk


@pytest.fixture
def other(desk: Desk, seed: Callable[..., int]) -> Desk:
    """A second experiment with two waiting gate trials."""
    experiment = seed(iterations_done=1, waiting_labels=2, train=2, held_out=0, name="Another")
    return Desk(desk.client, desk.database, experiment)


def _shown(desk: Desk, query: str = "") -> list[int]:
    answer = desk.client.get(f"/label{query}")
    assert answer.status_code == 200
    return [int(each) for each in re.findall(r'class="trial-card" data-trial="(\d+)"', answer.text)]


def test_gate_trials_of_all_experiments_come_first(desk: Desk, other: Desk) -> None:
    expected = desk.waiting("gate") + other.waiting("gate") + desk.waiting("held_out")
    assert _shown(desk) == expected[:6]
    page = desk.client.get("/label").text
    assert "iteration 1, Another" in page, "a card names its experiment"


def test_filters_narrow_it_down(desk: Desk, other: Desk) -> None:
    assert _shown(desk, f"?experiment={other.experiment_id}") == other.waiting("gate")
    assert _shown(desk, "?purpose=held_out") == desk.waiting("held_out")
    assert _shown(desk, "?task=scooping&region=t2") == [desk.waiting()[1], other.waiting()[1]]
    assert _shown(desk, "?task=pouring") == _shown(desk, "?arm=real") == []
    with desk.database.transaction() as session:
        session.execute(update(Trial).where(Trial.id == desk.waiting()[0]).values(simulated=False))
    assert _shown(desk, "?arm=real") == desk.waiting()[:1]
    assert "No trial that waits fits" in desk.client.get("/label?task=pouring").text


@pytest.mark.parametrize("query", ["?experiment=x&purpose=local&arm=none", "?experiment=&task=&assigned="])
def test_filter_that_says_nothing_shows_all(desk: Desk, query: str) -> None:
    assert _shown(desk, query) == _shown(desk)


def test_cancelled_experiment_is_not_in_it(desk: Desk, other: Desk) -> None:
    desk.client.post(f"/experiments/{other.experiment_id}/cancel")
    assert not {*other.waiting()} & {*_shown(desk)}


def test_whole_experiment_is_assigned_with_trials_to_come(
    desk: Desk, other: Desk, user: User, sign_in: Callable[[str, str], TestClient]
) -> None:
    bea = Desk(sign_in("Bea", "operator"), desk.database, desk.experiment_id)
    assert _shown(bea, "?assigned=me") == []
    with desk.database.reading() as session:
        name = session.scalars(select(User.id).where(User.name == "Bea")).one()
    desk.client.post(f"/label/assignments?experiment={other.experiment_id}", data={"to": name})
    assert _shown(bea, "?assigned=me") == other.waiting()
    desk.client.post("/label/assignments?purpose=gate&region=T1", data={"to": user.id})
    assert _shown(bea, "?assigned=me") == other.waiting()[1:], "the trial itself is now asked of another"
    page = desk.client.get("/label").text
    assert "all of Another" in page
    desk.client.post(f"/label/assignments/{name}/take-back")
    with desk.database.reading() as session:
        assert {each.user_id for each in session.scalars(select(Assignment))} == {user.id}


def test_nothing_is_assigned_to_who_may_not_judge(
    desk: Desk, sign_in: Callable[[str, str], TestClient]
) -> None:
    sign_in("Visitor", "viewer")
    with desk.database.reading() as session:
        viewer = session.scalars(select(User.id).where(User.name == "Visitor")).one()
    for to in (viewer, 9999):
        assert desk.client.post("/label/assignments", data={"to": to}).status_code == 422
    assert desk.client.post("/label/assignments?task=writing", data={"to": viewer}).status_code == 422


def test_label_counts_and_undo_reaches_over_experiments(desk: Desk, other: Desk) -> None:
    desk.label(desk.waiting()[0], key="key-00000001")
    other.label(other.waiting()[0], key="key-00000002")
    undone = desk.client.post(
        "/labels/undo", data={"request_key": "undo-0000001"}, headers={"accept": "application/json"}
    )
    assert undone.json()["trial_id"] == other.trials("gate")[0]
