"""Motions from files, from the form to the demonstration that the arm makes of them."""

import re
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from httpx import Response
from sqlalchemy import select

from app.demonstrations.models import Demonstration, Motion
from app.experiments.models import Region
from hndp_core.tasks import get_task

from .conftest import Draft

NAMES = "time,q1,q2,q3,q4,q5,q6,q7"
HOME = np.array(get_task("scooping").home_joints)


def csv_motion(still_s: float = 1.0, rate_hz: float = 100.0) -> bytes:
    """Joint 1 goes 0.5 rad there in 6 s, after some time in which it stands still."""
    time_s = np.arange(0.0, 6.0 + still_s, 1 / rate_hz)
    share = np.clip((time_s - still_s) / 6.0, 0.0, 1.0)
    joints = HOME + 0.5 * (share**3 * (10 - 15 * share + 6 * share**2))[:, None] * np.eye(7)[0]
    buffer = BytesIO()
    np.savetxt(
        buffer,
        np.column_stack([time_s, joints]),
        delimiter=",",
        header="time,q1,q2,q3,q4,q5,q6,q7",
        comments="",
    )
    return buffer.getvalue()


def send(
    draft: Draft, content: bytes, file: str = "scoop.csv", region: str = "T3", **fields: str
) -> Response:
    with draft.database.reading() as session:
        chosen = session.scalars(select(Region.id).where(Region.name == region)).one_or_none()
    return draft.client.post(
        f"{draft.page}/import", data={"region": str(chosen), **fields}, files={"file": (file, content)}
    )


def act(draft: Draft, motion_page: str, name: str) -> Response:
    return draft.client.post(f"{motion_page}/{name}", headers={"HX-Request": "true"})


@pytest.fixture
def motion_page(draft: Draft) -> str:
    """The page of a motion that was imported."""
    answer = send(draft, csv_motion())
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


def test_imported_motion_is_looked_at_first(draft: Draft, motion_page: str) -> None:
    shown = draft.client.get(motion_page).text
    assert "Imported from scoop.csv" in shown
    assert re.search(r"1\.\d\d s cut off at the start", shown)
    assert 'role="note"' not in shown  # no warning
    assert draft.statuses("T3") == []
    assert "T3: Imported from scoop.csv" in draft.client.get(draft.page).text


def test_curves_are_what_the_arm_will_execute_with_the_fit_beside_it(draft: Draft, motion_page: str) -> None:
    curves = draft.client.get(f"{motion_page}/curves.json").json()
    ready, fitted = np.array(curves["prepared"]), np.array(curves["fitted"])
    assert ready.shape == fitted.shape == (7, 351)
    np.testing.assert_allclose(ready[:, 0], HOME, atol=1e-5)
    np.testing.assert_allclose(ready[:, -1], HOME + 0.5 * np.eye(7)[0], atol=3e-3)
    told = re.findall(r'<td class="number">([\d.]+)</td>', draft.client.get(motion_page).text)
    errors = [float(each) for each in told]
    found = 1e3 * np.sqrt(np.mean((ready - fitted)[:, 1:] ** 2, axis=1))
    np.testing.assert_allclose(errors, found, atol=0.06)


def test_cut_ends_come_back_and_go_again(draft: Draft, motion_page: str) -> None:
    whole = act(draft, motion_page, "untrim").text
    assert "left as they are" in whole
    assert "cut off at the start" in act(draft, motion_page, "trim").text


def test_kept_motion_is_queued_for_the_arm_once(draft: Draft, motion_page: str) -> None:
    goal = act(draft, motion_page, "keep").headers["hx-redirect"]
    [(row, take, status)] = draft.rows("T3")
    assert (goal, take, status) == (f"/demonstrations/{row}", 1, "queued")
    assert draft.jobs() == [f"demonstration/{row}"]
    assert act(draft, motion_page, "keep").headers["hx-redirect"] == goal
    assert draft.jobs() == [f"demonstration/{row}"]
    with draft.database.reading() as session:
        shown = session.get_one(Demonstration, row)
        assert shown.motion is not None
        assert (shown.source, shown.motion.name) == ("imported", "scoop.csv")
    assert act(draft, motion_page, "bin").status_code == 409
    assert act(draft, motion_page, "untrim").status_code == 409


def test_redo_executes_the_same_motion_again(draft: Draft, motion_page: str) -> None:
    act(draft, motion_page, "keep")
    row = draft.rows("T3")[0][0]
    draft.change(row, status="failed", error="The arm refused it.")
    draft.act(row, "redo")
    with draft.database.reading() as session:
        again = session.get_one(Demonstration, draft.rows("T3")[1][0])
        assert again.motion is not None
        assert (again.source, again.motion.name) == ("imported", "scoop.csv")


def test_thrown_away_motion_comes_back(draft: Draft, motion_page: str) -> None:
    assert "Bring back" in act(draft, motion_page, "bin").text
    board = draft.client.get(draft.page).text
    assert "Motions that wait" not in board
    assert f'href="{motion_page}"' in board  # in the bin
    assert act(draft, motion_page, "keep").status_code == 409
    act(draft, motion_page, "restore")
    assert "Motions that wait" in draft.client.get(draft.page).text


@pytest.mark.parametrize("name", ["keep", "trim", "untrim", "bin", "restore"])
def test_nothing_changes_after_the_start(draft: Draft, motion_page: str, name: str) -> None:
    draft.start()
    refused = act(draft, motion_page, name)
    assert refused.status_code == 409
    assert "has started" in refused.text
    assert "hx-post" not in draft.client.get(motion_page).text
    assert send(draft, csv_motion()).status_code == 409
    assert "demonstrations are fixed" in draft.client.get(f"{draft.page}/import").text


@pytest.mark.parametrize(
    ("file", "content", "fields", "input_name", "said"),
    [
        ("a.csv", b"1,2,3\n", {}, "file", "3 columns without names"),
        ("a.bag", b"x", {}, "file", "this kind of file is not known"),
        ("", b"", {}, "file", "Choose a file."),
        ("a.csv", b"0,0,0,0,0,0,0\n1,1,1,1,1,1,1\n", {}, "rate_hz", "no time stamps"),
        ("a.csv", csv_motion(), {"rate_hz": "fast"}, "rate_hz", "is no number"),
        ("a.csv", csv_motion(), {"episode": "1.5"}, "episode", "is no whole number"),
        ("a.csv", csv_motion(), {"region": "77"}, "region", "Choose the train region"),
    ],
)
def test_what_is_wrong_stands_at_its_input(
    draft: Draft, file: str, content: bytes, fields: dict[str, str], input_name: str, said: str
) -> None:
    answer = send(draft, content, file, **fields)
    assert answer.status_code == 422
    [error] = re.findall(r'role="alert" data-field="(\w+)">([^<]+)<', answer.text)
    assert error[0] == input_name
    assert said in error[1]
    with draft.database.reading() as session:
        assert session.scalars(select(Motion)).all() == []


def test_held_out_region_is_not_offered(draft: Draft) -> None:
    assert ">H1" not in draft.client.get(f"{draft.page}/import").text
    assert send(draft, csv_motion(), region="H1").status_code == 422


def test_doubts_are_shown_before_keeping(draft: Draft) -> None:
    time_s = np.arange(0.0, 7.0, 0.02)
    joints = np.tile(HOME, (350, 1)) + 1.5 * (time_s > 3.0)[:, None] * np.eye(7)[0]
    lines = "\n".join(",".join(str(each) for each in row) for row in np.column_stack([time_s, joints]))
    page = send(draft, lines.encode()).headers["location"]
    shown = draft.client.get(page).text
    assert "Joint 1 leaps at" in shown
    assert "of its velocity limit" in shown


def test_unknown_motion(draft: Draft) -> None:
    assert draft.client.get("/motions/99").status_code == 404
    assert draft.client.post("/motions/99/keep").status_code == 404


@pytest.mark.parametrize(
    "name", ["../../escaped.csv", "/tmp/escaped.csv", "..\\escaped.csv", "<b>.csv", "a" * 300]
)
def test_the_name_of_a_file_leads_nowhere(draft: Draft, tmp_path: Path, name: str) -> None:
    before = {file for file in tmp_path.rglob("*") if "artefacts" not in file.parts}
    answer = send(draft, csv_motion(), file=name)
    assert answer.status_code < 500
    assert {file for file in tmp_path.rglob("*") if "artefacts" not in file.parts} == before
    if answer.status_code == 303:
        assert "<b>" not in draft.client.get(answer.headers["location"]).text
