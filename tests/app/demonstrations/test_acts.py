import json

import pytest
from httpx import Response

from ..audited import audited
from .conftest import Draft


def _toast(answer: Response) -> dict[str, str]:
    assert answer.status_code == 200, answer.text
    return json.loads(answer.headers["hx-trigger"])["toast"]


def test_owed_regions_are_queued_with_their_jobs_once(draft: Draft) -> None:
    assert "Record all owed (1)" in draft.client.get(draft.page).text
    assert _toast(draft.board("record-owed"))["message"] == "1 recording queued."
    assert "Nothing is owed" in _toast(draft.board("record-owed"))["message"]
    [(row, take, status)] = draft.rows("T3")
    assert (take, status) == (1, "queued")
    assert draft.jobs() == [f"demonstration/{row}"]


def test_recorded_demonstration_is_accepted(draft: Draft) -> None:
    row = draft.rows("T2")[0][0]
    draft.change(row, status="recorded")
    assert _toast(draft.act(row, "accept"))["message"] == "The demonstration in T2 is accepted."
    assert draft.statuses("T2") == ["accepted"]
    assert draft.act(row, "accept").status_code == 200


def test_all_recorded_are_accepted_but_those_that_stand_out(draft: Draft) -> None:
    first, second = draft.rows("T1")[1][0], draft.rows("T2")[0][0]
    draft.change(first, status="recorded", warning="Joint 2 reaches 95% of its velocity limit")
    draft.change(second, status="recorded")
    assert "Accept all recorded (1)" in draft.client.get(draft.page).text
    assert _toast(draft.board("accept-all"))["message"] == "1 demonstration accepted."
    assert draft.statuses("T1") == ["binned", "recorded"]
    assert draft.statuses("T2") == ["accepted"]


def test_redo_bins_the_take_and_records_the_next(draft: Draft) -> None:
    row = draft.rows("T2")[0][0]
    assert "recorded again" in _toast(draft.act(row, "redo"))["message"]
    (_, _, old), (new_row, take, new) = draft.rows("T2")
    assert (old, take, new) == ("binned", 2, "queued")
    assert draft.jobs() == [f"demonstration/{new_row}"]


def test_bin_is_undone_by_its_toast(draft: Draft) -> None:
    row = draft.rows("T2")[0][0]
    undo = _toast(draft.act(row, "bin"))["undo"]
    assert draft.statuses("T2") == ["binned"]
    answer = draft.client.post(undo, headers={"HX-Request": "true"})
    assert "accepted as before" in _toast(answer)["message"]
    assert draft.statuses("T2") == ["accepted"]
    for act in ("binned", "restored"):
        assert audited(draft.database, act) == [f"demonstration {row} in T2"]


def test_what_comes_back_beside_an_accepted_one_waits_to_be_accepted(draft: Draft) -> None:
    binned = draft.rows("T1")[0][0]
    draft.change(binned, binned_from="accepted")
    assert "waits to be accepted" in _toast(draft.act(binned, "restore"))["message"]
    assert draft.statuses("T1") == ["recorded", "accepted"]


def test_accepting_another_take_makes_the_former_step_back(draft: Draft) -> None:
    binned = draft.rows("T1")[0][0]
    draft.act(binned, "restore")
    draft.act(binned, "accept")
    assert draft.statuses("T1") == ["accepted", "recorded"]


def test_take_that_was_thrown_away_before_its_recording_says_so_when_back(draft: Draft) -> None:
    draft.board("record-owed")
    row = draft.rows("T3")[0][0]
    draft.act(row, "bin")
    assert "never recorded" in _toast(draft.act(row, "restore"))["message"]
    assert draft.statuses("T3") == ["failed"]


@pytest.mark.parametrize("act", ["accept", "redo", "bin"])
def test_what_is_being_recorded_is_left_alone(draft: Draft, act: str) -> None:
    draft.board("record-owed")
    row = draft.rows("T3")[0][0]
    draft.change(row, status="recording")
    assert draft.act(row, act).status_code == 409
    assert draft.statuses("T3") == ["recording"]


@pytest.mark.parametrize("act", ["accept", "redo", "bin", "restore", "record-owed", "accept-all"])
def test_nothing_changes_after_the_start(draft: Draft, act: str) -> None:
    row = draft.rows("T2")[0][0]
    draft.start()
    refused = draft.board(act) if "-" in act else draft.act(row, act)
    assert refused.status_code == 409
    assert "has started: its demonstrations are fixed" in refused.text
    assert draft.statuses("T2") == ["accepted"]
    assert draft.jobs() == []


def test_replay_is_queued_once_and_changes_nothing(draft: Draft) -> None:
    row = draft.rows("T2")[0][0]
    assert "Replay on the arm" in draft.client.get(f"/demonstrations/{row}").text
    assert "Replay in T2 queued" in _toast(draft.act(row, "replay"))["message"]
    assert "Replay waits for the arm" in draft.act(row, "replay").text
    assert draft.jobs() == ["replay/1"]
    assert draft.statuses("T2") == ["accepted"]


def test_demonstrations_of_a_started_experiment_are_replayed_too(draft: Draft) -> None:
    draft.start()
    assert draft.act(draft.rows("T2")[0][0], "replay").status_code == 200


def test_what_was_never_recorded_is_not_replayed(draft: Draft) -> None:
    draft.board("record-owed")
    assert draft.act(draft.rows("T3")[0][0], "replay").status_code == 409


def test_unknown_demonstration_and_act(draft: Draft) -> None:
    assert draft.act(999, "accept").status_code == 404
    assert draft.act(1, "praise").status_code == 422
    assert draft.client.get("/demonstrations/999").status_code == 404
    assert draft.client.get("/experiments/999/demonstrations").status_code == 404
