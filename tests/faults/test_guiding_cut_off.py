"""A hand leads a real arm; the disk fills up, or the browser is closed: the arm holds, nothing is lost."""

import errno
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from app.accounts.models import User
from app.cells.arm import Arm
from app.cells.live_service import create_live_service
from app.cells.models import Cell
from app.demonstrations.guide_service import Asked, Begin, GuideDesk, Lead, offer_guiding
from app.demonstrations.models import Motion
from app.demonstrations.motions import recording_of
from app.demonstrations.salvage import recordings_folder
from app.experiments.models import Experiment, Region
from app.platform.database import Database
from app.platform.settings import Settings
from app.platform.stopping import StopSignal
from hndp_core.data.artefact_store import ArtefactStore
from hndp_core.data.episode_log import EpisodeLog
from hndp_core.errors import StorageFull
from tests.app.cells.conftest import serve
from tests.app.cells.real_arm import PANDA_HOME, PATIENCE_S, commanded, until
from tests.hndp_core.robots.fake_frankapy import ControlComputer

pytestmark = pytest.mark.faults

KEY = "a key"


@pytest.fixture
def region_id(database: Database, experiment_id: int) -> int:
    """Of a draft on a cell with a real arm."""
    with database.transaction() as session:
        session.scalars(select(Cell)).one().robot = "franka"
        session.get_one(Experiment, experiment_id).status = "draft"
        return session.scalars(select(Region.id)).one()


@pytest.fixture
def desk(database: Database, settings: Settings, real_arm: Arm) -> Iterator[GuideDesk]:
    desk = GuideDesk(database, settings, real_arm)
    yield desk
    desk.close()


class Disk:
    """The room that is left for samples of recordings, and whether the artefact store has any."""

    def __init__(self) -> None:
        self.samples_left = 10**9
        self.store_is_full = False


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Disk:
    disk = Disk()
    write_log, write_artefact = EpisodeLog._write, ArtefactStore.write

    def append(log: EpisodeLog, content: bytes) -> None:
        disk.samples_left -= len(content) // log.header.row_type().itemsize
        if disk.samples_left < 0:
            raise OSError(errno.ENOSPC, "No space left on device")
        write_log(log, content)

    def keep(store: ArtefactStore, key: str, content: bytes) -> Any:
        if disk.store_is_full:
            raise StorageFull(key)
        return write_artefact(store, key, content)

    monkeypatch.setattr(EpisodeLog, "_write", append)
    monkeypatch.setattr(ArtefactStore, "write", keep)
    return disk


def lead_until(
    computer: ControlComputer, lead: Callable[[], dict[str, Any]], holds: Callable[[dict[str, Any]], bool]
) -> dict[str, Any]:
    """Lead the arm with the page alive until the state is so."""
    deadline_s = time.monotonic() + PATIENCE_S
    turn = 0.0
    while not holds(state := lead()):
        assert time.monotonic() < deadline_s, state
        if state["phase"] == "recording":
            turn += 0.002
            computer.arm.push(PANDA_HOME + turn * np.eye(7)[0])
        time.sleep(0.02)
    return state


def test_a_full_disk_ends_the_recording_and_what_was_recorded_waits_for_room(
    database: Database,
    store: ArtefactStore,
    settings: Settings,
    desk: GuideDesk,
    region_id: int,
    user: User,
    computer: ControlComputer,
    disk: Disk,
) -> None:
    def lead() -> dict[str, Any]:
        return desk.lead(Lead(user_id=user.id))

    desk.begin(Begin(user_id=user.id, region_id=region_id))
    lead_until(computer, lead, lambda told: told["phase"] == "ready")
    disk.samples_left, disk.store_is_full = 40, True
    desk.act(Asked(user_id=user.id, act="start"))
    ended = lead_until(computer, lead, lambda told: told["phase"] == "ended")
    assert "The disk is full: the recording ends here, and its first" in ended["reason"]
    assert "Free some space" in ended["reason"]
    assert computer.skill is None, "the arm holds"
    assert commanded(computer).size == 0
    assert len(list(recordings_folder(settings).glob("*.episode"))) == 1

    disk.samples_left, disk.store_is_full = 10**9, False
    desk.begin(Begin(user_id=user.id, region_id=region_id))
    with database.reading() as session:
        motion = session.scalars(select(Motion)).one()
        assert motion.cut_off_s is not None
        joints = recording_of(store, motion).joints[:, 0]
    assert 10 <= len(joints) <= 40
    assert (np.diff(joints) >= 0).all()
    assert store.exists(motion.start_image_key)
    assert list(recordings_folder(settings).iterdir()) == []


def test_a_browser_that_is_closed_lets_the_arm_hold_and_the_board_offers_the_recording(
    database: Database,
    store: ArtefactStore,
    client: TestClient,
    desk: GuideDesk,
    real_arm: Arm,
    region_id: int,
    computer: ControlComputer,
) -> None:
    service = create_live_service(real_arm, KEY, StopSignal())
    offer_guiding(service, desk)
    serving = serve(service)
    with database.transaction() as session:
        cell = session.scalars(select(Cell)).one()
        cell.service_url, cell.service_key = next(serving), KEY

    with client.websocket_connect(f"/regions/{region_id}/guide/channel") as page:

        def lead() -> dict[str, Any]:
            page.send_json({"act": "lead", "wish": None})
            return page.receive_json()

        page.send_json({"act": "begin", "token": None})
        page.receive_json()
        lead_until(computer, lead, lambda told: told["phase"] == "ready")
        page.send_json({"act": "start"})
        page.receive_json()
        lead_until(computer, lead, lambda told: told.get("recorded_s", 0) > 0.5)
        assert computer.skill == "guide"
    until(lambda: computer.skill is None)
    assert commanded(computer).size == 0, "it holds where the hand left it"
    board = f"/experiments/{experiment_of(database)}/demonstrations"
    until(lambda: "A recording was cut off after" in client.get(board).text)
    with database.reading() as session:
        motion = session.scalars(select(Motion)).one()
        assert recording_of(store, motion).duration_s > 0.4
    next(serving, None)


def experiment_of(database: Database) -> int:
    with database.reading() as session:
        return session.scalars(select(Experiment.id)).one()
