"""A motion in a real browser: imported, looked at, kept by key; a cut-off recording on the board."""

from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from app.demonstrations.motions import store_motion
from app.experiments.models import Region
from hndp_core.data.joint_recording import JointRecording
from hndp_core.tasks import get_task

from .conftest import Studio

HOME = np.array(get_task("scooping").home_joints)
EXPECTED_COMPLAINT = "the server responded with a status of 422"


def _motion() -> JointRecording:
    """Joint 1 stands for 1.5 s, then goes 0.5 rad there in 5 s."""
    time_s = np.arange(0.0, 6.5, 0.01)
    share = np.clip((time_s - 1.5) / 5.0, 0.0, 1.0)
    return JointRecording(time_s, HOME + 0.5 * (share**2 * (3 - 2 * share))[:, None] * np.eye(7)[0])


@pytest.fixture
def board(page: Page, studio: Studio) -> Page:
    experiment = studio.seed(iterations_done=0, demonstrated=2, train=3, held_out=1)
    page.goto(f"{studio.url}/experiments/{experiment}/demonstrations")
    return page


def test_file_is_imported_looked_at_and_kept(board: Page, tmp_path: Path, console_errors: list[str]) -> None:
    board.get_by_role("button", name="Import", exact=True).click()
    expect(board.get_by_label("Region")).to_contain_text("T3")
    bad, good = tmp_path / "bad.csv", tmp_path / "scoop.csv"
    bad.write_text("1,2,3\n")
    motion = _motion()
    np.savetxt(good, np.column_stack([motion.time_s, motion.joints]), delimiter=",")
    board.get_by_label("File").set_input_files(bad)
    board.get_by_role("button", name="Import").click()
    expect(board.locator("[data-field=file]")).to_contain_text("bad.csv: it has 3 columns without names")
    board.get_by_label("File").set_input_files(good)
    board.get_by_role("button", name="Import").click()
    expect(board.get_by_role("heading", name="Motion for T3")).to_be_visible()
    expect(board.get_by_text("s cut off at the start")).to_be_visible()
    expect(board.locator(".joint .u-over")).to_have_count(7)
    expect(board.locator(".joint-legend")).to_contain_text("fitted primitive")
    board.get_by_role("button", name="Do not cut the ends").click()
    expect(board.get_by_text("left as they are")).to_be_visible()
    expect(board.locator(".joint .u-over")).to_have_count(7)
    board.keyboard.press("k")
    expect(board.get_by_role("heading", name="Waits for the arm")).to_be_visible()
    console_errors[:] = [each for each in console_errors if EXPECTED_COMPLAINT not in each]


def test_cut_off_recording_appears_on_the_board(board: Page, studio: Studio) -> None:
    expect(board.locator("#motions")).to_be_hidden()
    with studio.database.transaction() as session:
        region = session.scalars(select(Region).where(Region.name == "T3")).one()
        store_motion(
            session,
            studio.artefacts,
            region=region,
            user=session.merge(studio.user),
            recording=_motion(),
            source="guided",
            name="T3-1",
            cut_off_s=4.2,
        )
    expect(board.locator("#motions")).to_contain_text("T3: A recording was cut off after 4.2 s")
    board.get_by_role("button", name="Look at it").click()
    board.get_by_role("button", name="Throw into the bin").click()
    expect(board.get_by_role("button", name="Bring back")).to_be_visible()
