"""A real arm and its camera in a browser; stand-ins are frankapy and its control computer, a film the camera."""

import re
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import uvicorn
from playwright.sync_api import Page, expect
from sqlalchemy import select

from app.cells.arm import Arm
from app.cells.camera_service import offer_camera
from app.cells.live_service import create_live_service
from app.cells.models import Cell
from app.demonstrations.guide_service import GuideDesk, offer_guiding
from app.demonstrations.models import Motion
from app.experiments.models import Region
from app.platform.stopping import StopSignal
from hndp_core.robots.opencv_camera import OpenCvCamera
from tests.app.cells.real_arm import (
    PANDA_HOME,
    camera,
    computer,
    film,
    make_robot,
    real_arm,
)
from tests.hndp_core.robots.fake_frankapy import ControlComputer

from .conftest import Studio

__all__ = ["camera", "computer", "film", "make_robot", "real_arm"]

KEY = "a key"
PATIENCE_MS = 60_000


@pytest.fixture
def region_id(studio: Studio, real_arm: Arm, camera: OpenCvCamera) -> Iterator[int]:
    """A region whose demonstration is owed, in a cell with a real arm that runs in this process."""
    studio.seed(iterations_done=0, demonstrated=0, train=2, held_out=1)
    desk = GuideDesk(studio.database, studio.settings, real_arm)
    service = create_live_service(real_arm, KEY, StopSignal())
    offer_guiding(service, desk)
    offer_camera(service, real_arm, camera)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = uvicorn.Server(uvicorn.Config(service, log_level="error", timeout_graceful_shutdown=1))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        with studio.database.transaction() as session:
            cell = session.scalars(select(Cell)).one()
            cell.robot = "franka"
            cell.service_url, cell.service_key = f"http://127.0.0.1:{listener.getsockname()[1]}", KEY
            region_id = session.scalars(select(Region.id).where(Region.name == "T1")).one()
        yield region_id
        desk.close()
        server.should_exit = True
        thread.join(10)


def test_a_pedal_starts_stops_and_keeps(
    page: Page, studio: Studio, region_id: int, computer: ControlComputer
) -> None:
    page.goto(f"{studio.url}/regions/{region_id}/guide", wait_until="commit")
    expect(page.get_by_text("begin: it goes home")).to_be_visible(timeout=PATIENCE_MS)
    assert "run_guide_mode" not in computer.names()
    page.get_by_role("button", name="Begin Space").click()
    expect(page.get_by_text("Ready. Lay out the scene")).to_be_visible(timeout=PATIENCE_MS)
    page.get_by_label("Count 3, 2, 1").uncheck()
    page.get_by_role("heading", level=1).click()
    page.keyboard.press("PageDown")
    expect(page.get_by_text("It records. Lead the arm")).to_be_visible()
    for turn in np.linspace(0, 0.2, 20):
        computer.arm.push(PANDA_HOME + turn * np.eye(7)[0])
        page.wait_for_timeout(30)
    expect(page.locator("[data-curves] polyline")).to_have_count(7)
    page.keyboard.press("PageDown")
    expect(page.get_by_text("Recorded. Keep it")).to_be_visible()
    assert computer.skill is None
    page.wait_for_timeout(600)  # a pedal that bounces presses once
    page.keyboard.press("PageUp")
    expect(page.get_by_text("Ready. Lay out the scene")).to_be_visible(timeout=PATIENCE_MS)
    with studio.database.reading() as session:
        assert session.scalars(select(Motion.status)).one() == "binned"
    page.wait_for_timeout(600)
    page.keyboard.press("PageDown")
    expect(page.get_by_text("It records. Lead the arm")).to_be_visible()
    computer.arm.push(PANDA_HOME + 0.1 * np.eye(7)[1])
    page.wait_for_timeout(600)
    page.keyboard.press("PageDown")
    expect(page.get_by_role("button", name="Keep K")).to_be_visible()
    page.wait_for_timeout(600)
    page.keyboard.press("PageDown")
    page.wait_for_url(re.compile(r"/demonstrations/\d+$"))


def test_the_page_of_the_camera_shows_pictures_and_what_happens_without(
    page: Page, studio: Studio, region_id: int, film: Path, console_errors: list[str]
) -> None:
    page.goto(f"{studio.url}/cells/1/camera", wait_until="commit")
    for picture in ("Test picture of the camera", "The same as policies see it"):
        expect(page.get_by_alt_text(picture)).to_have_attribute("src", re.compile("picture.jpg"))
    film.rename(film.with_name("away.avi"))
    expect(page.get_by_text("film.avi is lost")).to_be_visible(timeout=PATIENCE_MS)
    expect(page.get_by_text("No new picture comes")).to_be_visible()
    expect(page.get_by_text("gives no pictures")).to_be_visible()
    console_errors.clear()  # the browser notes each picture that was not there
