import re

import numpy as np
import pytest

from app.demonstrations.models import Demonstration
from app.platform.settings import Settings
from hndp_core.data.trajectory import unpack_arrays
from hndp_core.robots.limits import PANDA_LIMITS

from .conftest import Draft


def test_board_answers_an_act_with_its_parts_only(draft: Draft) -> None:
    row = draft.rows("T2")[0][0]
    answer = draft.act(row, "bin").text
    assert "<html" not in answer
    parts = re.findall(r'<div id="([\w-]+)" hx-swap-oob="innerHTML">', answer)
    page = draft.client.get(draft.page).text
    assert all(f'id="{part}"' in page for part in parts)
    assert {"acts", "map", "bin"} < set(parts)


def test_page_says_who_demonstrated(draft: Draft) -> None:
    page = draft.client.get(f"/demonstrations/{draft.rows('T1')[1][0]}").text
    assert "Scripted teacher, simulated arm" in page
    assert re.search(r"follows it within \d+\.\d mrad", page)
    assert "take 2" in page


def test_warning_and_error_are_shown(draft: Draft) -> None:
    row = draft.rows("T2")[0][0]
    draft.change(row, status="recorded", warning="Joint 2 reaches 95% of its velocity limit")
    for page in (draft.page, f"/demonstrations/{row}"):
        assert "Joint 2 reaches 95%" in draft.client.get(page).text


def test_board_after_the_start_offers_no_act(draft: Draft) -> None:
    draft.start()
    for page in (draft.page, f"/demonstrations/{draft.rows('T2')[0][0]}"):
        shown = draft.client.get(page).text
        acts = set(re.findall(r'hx-post="([^"]+)"', shown))
        assert acts <= {f"/demonstrations/{draft.rows('T2')[0][0]}/replay"}  # which changes nothing
        assert "data-post" not in shown
        assert "demonstrations are fixed" in shown


def test_demonstrations_page_of_one_is_answered_whole_after_an_act(draft: Draft) -> None:
    row = draft.rows("T2")[0][0]
    headers = {"HX-Request": "true", "HX-Target": "demonstration"}
    answer = draft.client.post(f"/demonstrations/{row}/redo", headers=headers)
    new = draft.rows("T2")[1][0]
    assert answer.headers["hx-push-url"] == f"/demonstrations/{new}"
    assert "Waits for the arm" in answer.text


def test_curves_start_at_rest_and_carry_the_limits(draft: Draft, settings: Settings) -> None:
    row = draft.rows("T2")[0][0]
    curves = draft.client.get(f"/demonstrations/{row}/curves.json").json()
    with draft.database.reading() as session:
        key = session.get_one(Demonstration, row).artefact_key
    stored = unpack_arrays(settings.artefacts.read(f"{key}/trajectory.npz"))
    assert curves["time_s"][:2] == [0.0, 0.02]
    assert len(curves["time_s"]) == len(stored["commanded"]) + 1
    for joint in range(7):
        assert curves["commanded"][joint][0] == pytest.approx(stored["start_joints"][joint], abs=1e-5)
        np.testing.assert_allclose(curves["commanded"][joint][1:], stored["commanded"][:, joint], atol=1e-5)
    assert np.abs(np.array(curves["fitted"]) - np.array(curves["commanded"])).max() < 0.005
    assert curves["limits"][3] == [PANDA_LIMITS.position_min[3], PANDA_LIMITS.position_max[3]]


def test_curves_of_what_is_not_recorded_are_not_found(draft: Draft) -> None:
    draft.board("record-owed")
    assert draft.client.get(f"/demonstrations/{draft.rows('T3')[0][0]}/curves.json").status_code == 404
