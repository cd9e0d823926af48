"""What is said beyond success and failure: why, how far, and the reason of a correction."""

import re
from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select, update

from app.training.label_snapshot import label_hash
from app.training.models import Gate
from app.trials.models import LabelEvent, TaskRubric, Trial
from hndp_core.tasks import get_task

from .conftest import Desk

RUBRIC = get_task("scooping").rubric


def _last(desk: Desk, trial: int) -> LabelEvent:
    with desk.database.reading() as session:
        events = select(LabelEvent).where(LabelEvent.trial_id == trial).order_by(LabelEvent.id.desc())
        return session.scalars(events).first() or LabelEvent()


def test_plain_labels_say_what_follows_from_them(desk: Desk) -> None:
    done, failed, invalid = desk.waiting()
    desk.label(done, "success", "key-00000001")
    desk.label(failed, "failure", "key-00000002")
    desk.label(invalid, "invalid", "key-00000003")
    assert (_last(desk, done).score, _last(desk, done).milestones) == (1.0, list(RUBRIC.up_to(4)))
    for trial in (failed, invalid):
        event = _last(desk, trial)
        assert (event.score, event.milestones, event.failure_mode) == (None, None, None)


def test_failure_is_explained_afterwards_and_keeps_what_was_said(desk: Desk) -> None:
    trial = desk.waiting()[0]
    first = desk.label(trial, "failure", "key-00000001").json()["event_id"]
    second = desk.label(trial, "failure", "key-00000002", failure_mode="hit the rim", instead_of=first)
    third = desk.label(
        trial, "failure", "key-00000003", milestones=2, instead_of=second.json()["event_id"]
    ).json()
    assert (third["failure_mode"], third["score"]) == ("hit the rim", 0.5)
    assert desk.events(trial) == ["failure"] * 3
    again = desk.label(trial, "failure", "key-00000004").json()
    assert again["event_id"] == third["event_id"], "the bare outcome once more adds nothing"
    changed = desk.label(trial, "success", "key-00000005").json()
    assert (changed["failure_mode"], changed["score"]) == (None, 1.0)


def test_more_milestones_than_there_are_is_refused(desk: Desk) -> None:
    answer = desk.label(desk.waiting()[0], "failure", milestones=5)
    assert (answer.status_code, answer.json()["field"]) == (422, "milestones")


def test_label_of_another_is_corrected_only_with_a_reason(
    desk: Desk, sign_in: Callable[[str, str], TestClient]
) -> None:
    trial = desk.waiting()[0]
    seen = desk.label(trial, "failure").json()["event_id"]
    bea = Desk(sign_in("Bea", "operator"), desk.database, desk.experiment_id)
    refused = bea.label(trial, "success", "key-00000002", instead_of=seen)
    assert (refused.status_code, refused.json()["field"]) == (422, "note")
    assert "Operator has judged T1 failure" in refused.json()["error"]
    told = bea.label(trial, "success", "key-00000003", instead_of=seen, note="two almonds are in it")
    assert told.status_code == 200
    assert "two almonds are in it" in bea.client.get(f"/trials/{trial}").text


def test_explaining_a_failure_leaves_its_gate_up_to_date(desk: Desk, seed: Callable[..., int]) -> None:
    done = Desk(desk.client, desk.database, seed(iterations_done=1, train=6, name="Gates are set"))
    with desk.database.reading() as session:
        shut = session.scalars(select(Gate).where(Gate.value == 0)).all()
        gate = next(each for each in shut if each.iteration.experiment_id == done.experiment_id)
        trial = session.scalars(
            select(Trial.id).where(
                Trial.iteration_id == gate.iteration_id,
                Trial.region_id == gate.region_id,
                Trial.purpose == "gate",
            )
        ).all()[-1]
    answer = done.label(trial, "failure", failure_mode="missed the bowl")
    assert answer.status_code == 200
    assert not answer.json()["gate_outdated"]
    with desk.database.reading() as session:
        assert label_hash(session, gate.iteration_id, gate.region_id) == gate.label_hash


def test_own_rubric_takes_the_place_of_the_tasks(desk: Desk) -> None:
    form = {"milestone_1": "over the bowl", "credit_1": "1", "milestone_2": "almond up", "credit_2": "3"}
    saved = desk.client.post("/rubrics/scooping", data={**form, "mode_1": " slipped  off "})
    assert saved.status_code == 303
    page = desk.client.get(f"/experiments/{desk.experiment_id}/label").text
    assert 'data-mode="slipped off"' in page
    assert 'data-mode="hit the rim"' not in page
    answer = desk.label(desk.waiting()[0], "failure", milestones=1).json()
    assert answer["score"] == 0.25
    assert "over the bowl (25 %)" in desk.client.get("/rubrics").text
    desk.client.post("/rubrics/scooping/reset")
    with desk.database.reading() as session:
        assert session.scalars(select(TaskRubric)).all() == []


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({"milestone_1": "up", "credit_1": "much"}, "credit_1"),
        ({"milestone_1": "up", "credit_1": "0"}, "credit_1"),
        ({"milestone_1": "up", "credit_1": "1", "milestone_2": "up", "credit_2": "1"}, "milestone_1"),
        ({"mode_1": "x" * 61}, "mode_1"),
    ],
)
def test_unusable_rubric_is_marked_and_not_saved(desk: Desk, form: dict[str, str], field: str) -> None:
    answer = desk.client.post("/rubrics/scooping", data=form)
    assert answer.status_code == 422
    assert f'data-field="{field}"' in answer.text
    with desk.database.reading() as session:
        assert session.scalars(select(TaskRubric)).all() == []


def test_rubric_of_no_task_is_not_found(desk: Desk) -> None:
    assert desk.client.get("/rubrics/juggling").status_code == 404


def test_motion_stands_beside_its_demonstration(desk: Desk) -> None:
    trial = desk.waiting()[0]
    motion = desk.client.get(f"/trials/{trial}/review.json").json()
    points = len(motion["time_s"])
    assert [len(column) for column in motion["joints"]] == [points] * 7
    for each in (motion["trial"], motion["demonstration"]):
        assert [len(column) for column in each["tip"]] == [points] * 3
        assert len(each["picture"]) == points
    home = motion["trial"]["tip"]
    assert (round(home[1][0], 3), home[2][0] > 0.2) == (0.0, True), "it begins over the table's middle line"
    held_out = desk.client.get(f"/trials/{desk.waiting('held_out')[0]}/review.json").json()
    assert held_out["demonstration"] is None
    with desk.database.transaction() as session:
        session.execute(update(Trial).where(Trial.id == trial).values(simulated=False))
    real = desk.client.get(f"/trials/{trial}/review.json").json()
    assert real["trial"]["picture"] is None, "nobody knows where a real camera stands"


def test_each_key_is_printed_once_on_a_card(desk: Desk) -> None:
    card = desk.client.get(f"/experiments/{desk.experiment_id}/label").text.split("data-why")[1]
    keys = re.findall(r'data-key="(\w)"', card.split("</template>")[0])
    assert keys == [*"123456", "9", *"qwer"]
