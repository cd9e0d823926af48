import re
from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select, update

from app.accounts.models import User
from app.experiments.models import Experiment
from app.platform.database import Database
from app.trials.label_queue import queue_signature
from app.trials.models import Trial
from app.trials.page_share import AHEAD
from app.trials.planning import plan_again
from app.trials.repository import TrialRepository
from app.trials.waiting import QueueFilter
from hndp_core.tasks import get_task

from .conftest import PAGE, Desk


def _shown(html: str) -> list[int]:
    return [int(each) for each in re.findall(r'class="trial-card" data-trial="(\d+)"', html)]


def _queue(desk: Desk, **query: object) -> str:
    query = {"page": PAGE, **query}
    answer = desk.client.get(f"/experiments/{desk.experiment_id}/label/queue", params=query)  # type: ignore[arg-type]
    assert answer.status_code == 200
    return answer.text


def first_card(page: str) -> str:
    return page.split('<article class="trial-card"')[1].split("</article>")[0]


def test_page_tells_what_a_success_of_this_task_is(desk: Desk) -> None:
    page = desk.client.get(f"/experiments/{desk.experiment_id}/label").text
    assert f"{get_task('scooping').success_rule}." in page


def test_what_the_place_does_not_say_stands_beside_the_trial(desk: Desk) -> None:
    with desk.database.transaction() as session:
        for region in session.get_one(Experiment, desk.experiment_id).regions:
            region.subject = f"digit {region.index}, writer 3"
    first = desk.waiting()[0]
    card = first_card(desk.client.get(f"/experiments/{desk.experiment_id}/label").text)
    assert "digit 1, writer 3; iteration" in card
    assert f"/artefacts/trials/{first}/start.png" in card
    assert "place-map" not in card, "where the card came from helps nobody to judge"
    assert "<h2>Trial in T1, digit 1, writer 3, iteration" in desk.client.get(f"/trials/{first}").text


def test_with_one_iteration_no_next_one_is_promised(desk: Desk) -> None:
    page = f"/experiments/{desk.experiment_id}/label"
    refined = desk.client.get(page).text
    assert "the next iteration starts by itself" in refined
    assert "Gate trial: sets a gate" in refined
    with desk.database.transaction() as session:
        session.get_one(Experiment, desk.experiment_id).iterations = 1
    single = desk.client.get(page).text
    assert "next iteration" not in single
    assert "one iteration: its labels measure" in single
    assert "Trial in a train region: only measures" in single
    assert "train-region trials left" in single


def test_gate_trials_come_first_then_held_out_ones(desk: Desk) -> None:
    page = desk.client.get(f"/experiments/{desk.experiment_id}/label").text
    order = desk.waiting("gate") + desk.waiting("held_out")
    assert _shown(page) == order[:AHEAD]
    assert re.search(r'data-count="gate">3<', page)
    assert re.search(r'data-count="held_out">5<', page)


def test_little_map_shows_the_region_among_all_others(desk: Desk) -> None:
    card = first_card(desk.client.get(f"/experiments/{desk.experiment_id}/label").text)
    places = re.findall(r'<g class="(present|other)" transform="translate\(([\d.]+) ', card)
    (present,) = [float(across) for look, across in places if look == "present"]
    with desk.database.reading() as session:
        regions = session.get_one(Experiment, desk.experiment_id).regions
        assert len(places) == len(regions)
        to_the_left_of_the_arm = next(each.y_m for each in regions if each.name == "T1") > 0
    middle = sum(float(across) for _, across in places) / len(places)
    assert (present < middle) == to_the_left_of_the_arm


def test_page_is_given_only_what_it_does_not_hold(desk: Desk) -> None:
    order = desk.waiting("gate") + desk.waiting("held_out")
    assert _shown(_queue(desk, holding=order[:2])) == order[2:AHEAD]
    assert _shown(_queue(desk, holding=order)) == []


def test_page_learns_which_of_its_trials_were_judged_by_others(desk: Desk) -> None:
    first, second, _ = desk.waiting()
    desk.label(first)
    assert f'data-still-waiting="{second}"' in _queue(desk, holding=[first, second])


def test_trial_that_was_taken_back_comes_first(desk: Desk) -> None:
    order = desk.waiting("gate") + desk.waiting("held_out")
    assert _shown(_queue(desk, holding=order[:AHEAD], first=order[-1])) == [order[-1]]
    desk.label(order[-1])
    assert _shown(_queue(desk, holding=order[:AHEAD], first=order[-1])) == []


def test_withdrawn_label_puts_the_trial_back(desk: Desk) -> None:
    trial = desk.waiting()[0]
    desk.label(trial)
    assert trial not in _shown(_queue(desk))
    desk.undo()
    assert _shown(_queue(desk))[0] == trial


def test_local_trials_and_trials_not_run_are_not_in_the_queue(desk: Desk) -> None:
    with desk.database.transaction() as session:
        session.execute(update(Trial).where(Trial.purpose == "held_out").values(status="running"))
    assert _shown(_queue(desk)) == desk.waiting("gate")


def test_decisions_name_the_author_and_can_be_changed(desk: Desk) -> None:
    trial = desk.waiting()[0]
    event = desk.label(trial, "invalid").json()["event_id"]
    page = _queue(desk)
    row = page[page.index(f'data-decision="{trial}"') :].split("</li>")[0]
    assert re.findall(r'data-correct="(\w+)"', row) == ["success", "failure"]
    assert f'data-seen="{event}"' in row


def test_decisions_are_the_own_last_ten_that_count(
    desk: Desk, seed: Callable[..., int], user: User, sign_in: Callable[[str, str], TestClient]
) -> None:
    done = Desk(desk.client, desk.database, seed(iterations_done=2, train=6, held_out=4, name="Many labels"))
    Desk(sign_in("Bea", "operator"), desk.database, desk.experiment_id).label(desk.waiting()[0])
    with done.database.reading() as session:
        events = TrialRepository(session).decisions(user.id, 10, done.experiment_id)
        assert TrialRepository(session).decisions(user.id, 1) == events[:1]
        latest = [
            each
            for trial in session.scalars(select(Trial).where(Trial.purpose != "local"))
            if trial.iteration.experiment_id == done.experiment_id and trial.labels
            for each in trial.labels[-1:]
            if each.outcome != "withdrawn"
        ]
    assert [each.id for each in events] == sorted((each.id for each in latest), reverse=True)[:10]


@pytest.mark.parametrize(
    ("status", "says"),
    [
        ("draft", "has not started"),
        ("running", "appear here by themselves"),
        ("paused", "after the experiment is resumed"),
        ("failed", "tried again"),
        ("finished", "Every trial"),
        ("cancelled", "No more trials come"),
    ],
)
def test_empty_queue_says_what_happens_next(
    desk: Desk, seed: Callable[..., int], database: Database, status: str, says: str
) -> None:
    empty = seed(iterations_done=1, name="Nothing waits")
    with database.transaction() as session:
        session.get_one(Experiment, empty).status = status
    page = desk.client.get(f"/experiments/{empty}/label")
    assert says in page.text
    assert _shown(page.text) == []


def test_signature_tells_each_change_of_the_queue(desk: Desk, user: User) -> None:
    def signature() -> str:
        with desk.database.reading() as session:
            return queue_signature(session, user, QueueFilter(desk.experiment_id))

    trial = desk.waiting()[0]
    seen = [signature()]
    desk.label(trial)
    seen.append(signature())
    desk.undo()
    seen.append(signature())
    with desk.database.transaction() as session:
        session.execute(update(Trial).where(Trial.purpose == "held_out").values(status="running"))
    seen.append(signature())
    assert len(set(seen)) == len(seen)
    assert signature() == seen[-1]


def test_queue_of_an_unknown_experiment_is_not_found(desk: Desk) -> None:
    for page in ("label", "label/queue", "label/events"):
        assert desk.client.get(f"/experiments/999/{page}?page={PAGE}").status_code == 404


def test_decision_on_a_trial_that_is_run_again_offers_no_change(desk: Desk) -> None:
    trial = desk.waiting()[0]
    desk.label(trial, "invalid")
    with desk.database.transaction() as session:
        row = session.get_one(Trial, trial)
        plan_again(session, row, row.cell_id)
    page = _queue(desk)
    row_shown = page[page.index(f'data-decision="{trial}"') :].split("</li>")[0]
    assert "run again" in row_shown
    assert "data-correct" not in row_shown
