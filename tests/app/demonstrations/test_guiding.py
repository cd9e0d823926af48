"""A guiding in the cell: what the page asks for, and what becomes of the arm and the recording."""

import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from sqlalchemy import select

from app.accounts.service import ensure_user
from app.cells.arm import Arm
from app.cells.lease import StaleLease
from app.demonstrations import guide_visit
from app.demonstrations.guide_service import Asked, Begin, GuidedByAnother, GuideDesk, Lead, NoGuiding
from app.demonstrations.guide_wish import Drag, Wish, wished_pose
from app.demonstrations.models import Motion
from app.demonstrations.motions import recording_of
from app.demonstrations.salvage import recordings_folder
from app.experiments.models import Region
from app.platform.database import Database
from app.platform.errors import Conflict
from app.platform.settings import Settings
from hndp_core.robots.equipment import Equipment, RobotFactory
from hndp_core.robots.hand_guide import HandGuide
from hndp_core.tasks import get_task
from hndp_core.tasks.panda.picture_view import PictureView
from hndp_core.tasks.panda.scooping_objects import ScoopingObjects

from ..cells.conftest import make_guard
from .conftest import Draft

PATIENCE_S = 60.0
HIGH = Wish(place=(0.45, 0.1), height_m=0.35, tilt_rad=-0.2)


@pytest.fixture(scope="module")
def built_arm() -> Iterator[Arm]:
    """An arm in the scooping scene, built once."""
    arm = Arm(RobotFactory(Equipment()), make_guard())
    arm.warm_up("scooping")
    yield arm
    arm.let_go()


@pytest.fixture
def arm(built_arm: Arm) -> Iterator[Arm]:
    guard = built_arm.guard
    yield built_arm
    assert built_arm.guard is guard
    assert built_arm.rest(PATIENCE_S), "the guiding went on"
    built_arm._moving.release()


@pytest.fixture
def desk(draft: Draft, settings: Settings, arm: Arm) -> Iterator[GuideDesk]:
    desk = GuideDesk(draft.database, settings, arm)
    yield desk
    desk.close()


@pytest.fixture
def begin(database: Database) -> Begin:
    """Of the operator, in the region that has no demonstration."""
    with database.transaction() as session:
        user = ensure_user(session, "Operator", "operator")
        region_id = session.scalars(select(Region.id).where(Region.name == "T3")).one()
        return Begin(user_id=user.id, region_id=region_id)


class Visitor:
    """What the page sends, over and over, while it waits for a state."""

    def __init__(self, desk: GuideDesk, begin: Begin) -> None:
        self.desk = desk
        self.user_id = begin.user_id
        desk.begin(begin)
        self.wish: Wish | None = None

    def until(self, holds: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        deadline_s = time.monotonic() + PATIENCE_S
        while not holds(state := self.desk.lead(Lead(user_id=self.user_id, wish=self.wish))):
            assert time.monotonic() < deadline_s, state
            time.sleep(0.02)
        return state

    def seen(self, holds: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """Wait for a state without sending anything."""
        guided = self.desk._guiding
        assert guided is not None
        deadline_s = time.monotonic() + PATIENCE_S
        while not holds(guided.told):
            assert time.monotonic() < deadline_s, guided.told
            time.sleep(0.02)
        return guided.told

    def until_phase(self, phase: str) -> dict[str, Any]:
        return self.until(lambda state: state["phase"] == phase)

    def act(self, act: guide_visit.Act) -> None:
        self.desk.act(Asked(user_id=self.user_id, act=act))


@pytest.fixture
def visitor(desk: GuideDesk, begin: Begin) -> Visitor:
    visitor = Visitor(desk, begin)
    visitor.until_phase("ready")
    return visitor


def _motions(database: Database) -> list[Motion]:
    with database.reading() as session:
        return list(session.scalars(select(Motion)))


def test_what_was_guided_waits_as_a_motion_and_can_be_done_again(
    visitor: Visitor, draft: Draft, settings: Settings
) -> None:
    visitor.act("start")
    visitor.until_phase("recording")
    visitor.wish = HIGH
    state = visitor.until(lambda told: told["recorded_s"] > 0.6)
    assert state["tool"][1] > 0, "the arm follows"
    visitor.act("stop")
    motion_id = visitor.until_phase("recorded")["motion_id"]
    [motion] = _motions(draft.database)
    assert (motion.id, motion.source, motion.status) == (motion_id, "guided", "waiting")
    recording = recording_of(settings.artefacts, motion)
    np.testing.assert_allclose(recording.joints[0], get_task("scooping").home_joints)
    np.testing.assert_allclose(np.diff(recording.time_s), 0.02)
    assert list(recordings_folder(settings).iterdir()) == []
    visitor.act("again")
    again = visitor.until_phase("ready")
    assert again["tool"] == pytest.approx(again["wished"])
    assert "motion_id" not in again


def test_the_recording_waits_for_the_first_motion(visitor: Visitor, draft: Draft) -> None:
    visitor.act("start")
    state = visitor.until_phase("recording")
    assert (state["recorded_s"], state["waits"]) == (0.0, True)
    visitor.act("stop")
    assert visitor.until_phase("recorded")["motion_id"] is None
    assert _motions(draft.database) == []


def test_the_arm_holds_while_the_page_is_silent(visitor: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guide_visit, "SILENT_S", 0.1)
    visitor.wish = Wish(place=(0.8, 0.4), height_m=0.3, tilt_rad=0.0)
    visitor.act("start")
    visitor.until(lambda told: told.get("recorded_s", 0.0) > 0.2)
    held = visitor.seen(lambda told: told["silent"] and told["waits"])
    assert held["tool"] != pytest.approx(held["wished"], abs=0.01), "the arm rests on its way"
    moved = visitor.until(lambda told: not told["silent"] and told["recorded_s"] > held["recorded_s"])
    assert moved["tool"] != held["tool"]


def test_a_page_that_is_gone_gives_the_arm_back_and_loses_nothing(
    visitor: Visitor, draft: Draft, arm: Arm, monkeypatch: pytest.MonkeyPatch
) -> None:
    visitor.act("start")
    visitor.wish = HIGH
    visitor.until(lambda told: told.get("recorded_s", 0.0) > 0.3)
    monkeypatch.setattr(guide_visit, "GONE_S", 0.1)
    assert arm.rest(PATIENCE_S)
    arm._moving.release()
    assert len(_motions(draft.database)) == 1


def test_a_stop_ends_it_and_keeps_what_was_recorded(visitor: Visitor, draft: Draft, arm: Arm) -> None:
    visitor.act("start")
    visitor.wish = HIGH
    visitor.until(lambda told: told.get("recorded_s", 0.0) > 0.3)
    arm.guard.stop("Operator", visitor.user_id, "a press")
    try:
        state = visitor.until_phase("ended")
        assert "stopped" in state["reason"].lower()
        assert state["motion_id"] == _motions(draft.database)[0].id
    finally:
        arm.recover(None, visitor.user_id)


def test_one_guides_at_a_time(visitor: Visitor, desk: GuideDesk, begin: Begin, database: Database) -> None:
    with database.transaction() as session:
        other = ensure_user(session, "Somebody else", "operator").id
    with pytest.raises(GuidedByAnother):
        desk.begin(begin.model_copy(update={"user_id": other}))
    with pytest.raises(NoGuiding):
        desk.lead(Lead(user_id=other))
    again = Visitor(desk, begin)  # the same person, after a reload
    again.until_phase("ready")


def test_who_does_not_hold_the_arm_cannot_guide(desk: GuideDesk, begin: Begin) -> None:
    with pytest.raises(StaleLease):
        desk.begin(begin.model_copy(update={"token": 7}))


def test_after_the_start_nothing_is_guided(desk: GuideDesk, begin: Begin, draft: Draft) -> None:
    draft.start()
    with pytest.raises(Conflict, match="has started"):
        desk.begin(begin)


VIEW = PictureView(
    np.array([1.1, 0.0, 0.8]),
    np.array([[0.0, -0.8, 0.6], [1.0, 0.0, 0.0], [0.0, 0.6, 0.8]]),
    0.52,
    0.39,
)


@pytest.fixture(scope="module")
def guide() -> HandGuide:
    task = get_task("scooping")
    return HandGuide(ScoopingObjects().guided_spoon, np.array(task.home_joints), 50.0)


@pytest.mark.parametrize("by_foot", [True, False])
def test_a_drag_moves_what_was_taken_with_the_pointer(guide: HandGuide, by_foot: bool) -> None:
    height_m = 0.0 if by_foot else guide.pose.z_m
    began, goal = (0.5, 0.0), (0.6, 0.08)
    drag = Drag(
        grabbed=VIEW.picture_of(np.array([*began, height_m])),
        pointer=VIEW.picture_of(np.array([*goal, height_m])),
        began=began,
        by_foot=by_foot,
    )
    wish = Wish(place=began, drag=drag, height_m=0.2, tilt_rad=0.0)
    np.testing.assert_allclose(wished_pose(wish, guide, VIEW), (*goal, 0.2, 0.0), atol=1e-9)


def test_a_pointer_above_the_horizon_moves_nothing(guide: HandGuide) -> None:
    drag = Drag(grabbed=(0.5, 0.5), pointer=(0.5, -4.0), began=(0.5, 0.1))
    wish = Wish(place=(0.5, 0.1), drag=drag, height_m=0.2, tilt_rad=0.0)
    assert wished_pose(wish, guide, VIEW) == (0.5, 0.1, 0.2, 0.0)


def test_snapped_is_in_the_plane(guide: HandGuide) -> None:
    wish = Wish(place=(0.5, 0.1), height_m=0.2, tilt_rad=0.0, snapped=True)
    assert wished_pose(wish, guide, VIEW).z_m == guide.tool.plane_m
