"""A person guides the simulated arm in a real browser, and what they did is a demonstration."""

import re
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pytest
import uvicorn
from playwright.sync_api import Page, expect
from sqlalchemy import select

from app.cells.arm import Arm
from app.cells.live_service import create_live_service
from app.cells.models import Cell
from app.demonstrations.guide_service import GuideDesk, offer_guiding
from app.demonstrations.models import Demonstration, Motion
from app.demonstrations.recording import Recorder
from app.experiments.models import Region
from app.platform.stopping import StopSignal
from hndp_core.robots.equipment import Equipment, RobotFactory
from hndp_core.robots.simulated import SimulatedRobot
from hndp_core.tasks.panda.picture_view import PictureView
from hndp_core.tasks.panda.scooping_scene import ScoopingScene

from ..app.cells.conftest import make_guard
from .conftest import Studio

KEY = "a key"
HOME_HEIGHT_M = 0.3918
PATIENCE_MS = 90_000
"""The arm moves in real time, and slower where the machine is busy."""


Place = tuple[float, float, float]


@dataclass
class GuidedCell:
    """A cell with real physics in this process, and a region whose demonstration is owed."""

    arm: Arm
    desk: GuideDesk
    region_id: int

    @property
    def scene(self) -> ScoopingScene:
        robot = self.arm._robot
        assert isinstance(robot, SimulatedRobot)
        assert isinstance(robot.scene, ScoopingScene)
        return robot.scene


@pytest.fixture
def cell(studio: Studio) -> Iterator[GuidedCell]:
    studio.seed(iterations_done=0, demonstrated=2, train=3, held_out=1)
    stop = StopSignal()
    arm = Arm(RobotFactory(Equipment()), make_guard())
    desk = GuideDesk(studio.database, studio.settings, arm)
    service = create_live_service(arm, KEY, stop)
    offer_guiding(service, desk)
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(service, log_level="error", timeout_graceful_shutdown=1))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    with studio.database.transaction() as session:
        row = session.scalars(select(Cell)).one()
        row.service_url, row.service_key = f"http://127.0.0.1:{listener.getsockname()[1]}", KEY
        region_id = session.scalars(select(Region.id).where(Region.name == "T3")).one()
    yield GuidedCell(arm, desk, region_id)
    stop.ask()
    desk.close()
    server.should_exit = True
    thread.join(5)
    listener.close()


class Hand:
    """Acts as a person does: takes the tool in the picture, and looks where its handle is."""

    def __init__(self, page: Page, view: PictureView) -> None:
        self.page = page
        self.view = view

    def drag(self, mark: Literal["handle", "foot"], place_m: Place) -> None:
        """Take the tool or its foot, and let go of it where the picture shows a place."""
        self.wait_for_rest()
        box = self.page.locator("[data-screen]").bounding_box()
        assert box is not None
        drawn = self.page.locator(f"[data-{mark}]")
        begin = [float(drawn.get_attribute(name) or 0) for name in ("cx", "cy")]
        end = self.view.picture_of(np.array(place_m))
        self.page.mouse.move(
            box["x"] + begin[0] * box["width"] / 400, box["y"] + begin[1] * box["height"] / 300
        )
        self.page.mouse.down()
        self.page.mouse.move(box["x"] + end[0] * box["width"], box["y"] + end[1] * box["height"], steps=12)
        self.page.mouse.up()

    def wait_for_rest(self) -> None:
        """Wait until the handle rests: taken before, it would be off by as much as it still moves."""
        self.page.wait_for_function(
            """() => {
                const handle = document.querySelector("[data-handle]");
                const place = handle.getAttribute("cx") + " " + handle.getAttribute("cy");
                const now = performance.now();
                if (window.handleWas !== place) [window.handleWas, window.restsSince] = [place, now];
                return now - window.restsSince > 400;
            }""",
            timeout=PATIENCE_MS,
        )

    def see(self, place_m: Place) -> None:
        """Wait until the handle is there."""
        u, v = self.view.picture_of(np.array(place_m))
        self.page.wait_for_function(
            """([u, v]) => {
                const handle = document.querySelector("[data-handle]");
                return Math.hypot(handle.getAttribute("cx") - u, handle.getAttribute("cy") - v) < 2;
            }""",
            arg=[400 * u, 300 * v],
            timeout=PATIENCE_MS,
        )

    def tilt(self, degrees: int) -> None:
        """Tilt by the wheel, over the picture, until the page says so many degrees."""
        self.page.keyboard.down("Shift")
        for _ in range(5):
            self.page.mouse.wheel(0, -50)
        self.page.keyboard.up("Shift")
        expect(self.page.locator("[data-tilt-said]")).to_have_text(f"{degrees}°")


def test_a_scoop_that_a_pointer_guided_becomes_a_successful_demonstration(
    page: Page, studio: Studio, cell: GuidedCell
) -> None:
    page.goto(f"{studio.url}/regions/{cell.region_id}/guide", wait_until="commit")
    expect(page.get_by_text("Ready. Press Start")).to_be_visible(timeout=PATIENCE_MS)
    scene = cell.scene
    hand = Hand(page, scene.picture_view(4 / 3))
    tool = scene.guided_tool
    assert tool is not None
    x, y = scene.state()
    farther = 1 + 0.042 / np.hypot(x, y)

    page.keyboard.press("Space")
    expect(page.get_by_role("button", name="Stop Space")).to_be_visible()
    hand.drag("foot", (x, y, 0.0))  # at home the tool is above what the picture shows
    hand.see((x, y, HOME_HEIGHT_M))
    page.keyboard.press("s")
    hand.see((x, y, tool.plane_m))
    hand.drag("handle", (x * farther, y * farther, tool.plane_m))
    hand.see((x * farther, y * farther, tool.plane_m))
    hand.tilt(9)
    page.keyboard.press("s")
    expect(page.locator("[data-outcome]")).to_contain_text("Done, says the physics", timeout=PATIENCE_MS)
    hand.see((x * farther, y * farther, HOME_HEIGHT_M))
    page.keyboard.press("Space")
    expect(page.get_by_text("Recorded. Keep it")).to_be_visible()
    page.keyboard.press("k")

    page.wait_for_url(re.compile(r"/demonstrations/\d+$"))
    expect(page.get_by_role("heading", name="Waits for the arm")).to_be_visible()
    cell.desk.close()
    demonstration_id = int(page.url.rpartition("/")[2])
    recorder = Recorder(studio.database, studio.artefacts, cell.arm, StopSignal())
    assert recorder.record(demonstration_id) == "recorded"
    with studio.database.reading() as session:
        row = session.get_one(Demonstration, demonstration_id)
        assert row.source == "guided"
        assert row.warning is None, "the arm at the pace of a rollout scoops as the hand did"
        motion = session.scalars(select(Motion)).one()
        assert motion.status == "kept"
    expect(page.get_by_text("Guided by hand, simulated arm")).to_be_visible()
