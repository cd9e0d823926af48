"""A person guides the simulated arm in the browser: it follows their wishes, and is recorded meanwhile."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np
import structlog

from app.cells.arm import Activity, Arm
from app.demonstrations.guide_wish import Wish, wished_pose
from app.platform.errors import AppError, Conflict
from hndp_core.data.episode_log import EpisodeHeader, EpisodeLog
from hndp_core.data.motion_clock import MotionClock
from hndp_core.errors import HndpError
from hndp_core.robots.connection import NotGuided
from hndp_core.robots.hand_guide import HandGuide
from hndp_core.robots.simulated import SimulatedRobot
from hndp_core.tasks import get_task
from hndp_core.tasks.camera_format import VIDEO_HEIGHT, VIDEO_WIDTH
from hndp_core.tasks.outcome import Outcome
from hndp_core.tasks.panda.arm_scene import ArmScene
from hndp_core.tasks.panda.guided_tool import ToolPose
from hndp_core.tasks.panda.picture_view import PictureView
from hndp_core.tasks.region import Region

Phase = Literal["waiting", "ready", "recording", "recorded", "ended"]
Act = Literal["start", "stop", "again", "end"]

SILENT_S: Final = 1.0
"""Silence of the page after which the arm holds."""

GONE_S: Final = 15.0
"""Silence after which the page is taken to be closed, and the arm is free for others."""

GREATEST_RECORDING_S: Final = 180.0
_JUDGED_EVERY: Final = 10  # steps
_IDLE_S: Final = 0.02

log = structlog.get_logger()


class CannotGuide(Conflict):
    """A task whose scene does not say how its tool may be guided."""

    def __init__(self, task: str) -> None:
        super().__init__(f"{get_task(task).title} cannot be guided by hand: record the teacher, or import.")


@dataclass(frozen=True)
class GuideOrder:
    """All that a guiding needs, read before the arm moves.

    Attributes:
        seed: of the scene's variation, which the demonstration to come will have, too
        path: returns a new file for a recording
    """

    user_id: int
    experiment_id: int
    task: str
    region: Region
    region_id: int
    seed: int
    header: EpisodeHeader
    path: Callable[[], Path]


class Guiding:
    """One person's guiding in one region, in a thread of its own; other threads ask and look.

    The arm follows and is recorded between "start" and "stop"; "again" lays the scene out anew. It holds
    while the page is silent, and the recording waits while it rests.
    """

    def __init__(self, arm: Arm, order: GuideOrder, keep: Callable[[Path], int | None]) -> None:
        """Begin; `keep` offers the file of a recording as a motion and returns its id."""
        self.order = order
        self._arm = arm
        self._keep = keep
        self._heard_s = time.monotonic()
        self._wish: Wish | None = None
        self._asked: Act | None = None
        self._told: dict[str, Any] = {"phase": "waiting", "region_id": order.region_id}
        self._thread = threading.Thread(target=self._run, name="guiding", daemon=True)
        self._thread.start()

    @property
    def over(self) -> bool:
        return not self._thread.is_alive()

    def lead(self, wish: Wish | None) -> dict[str, Any]:
        """Hear the page, with what it wishes now; return the state."""
        self._heard_s = time.monotonic()
        self._wish = wish or self._wish
        return self._told

    def ask(self, act: Act) -> dict[str, Any]:
        """Start or stop recording, lay the scene out again, or end; return the state before it is done."""
        self._heard_s = time.monotonic()
        self._asked = act
        return self._told

    def end(self, timeout_s: float = 2.0) -> None:
        """End it, and wait until the arm is free."""
        self._asked = "end"
        self._thread.join(timeout_s)

    def _run(self) -> None:
        reason = ""
        try:
            activity = Activity(f"guided by hand in {self.order.region.name}", self.order.experiment_id)
            with self._arm.use(self.order.task, activity) as robot:
                self._guide(robot)
        except AppError as error:  # among them the arm's guard: stopped or held
            reason = error.message
        except (HndpError, OSError) as error:
            reason = str(error)
        except Exception:
            log.exception("guiding failed", region=self.order.region.name)
            reason = "Something went wrong in the cell; its log says what. Open the page again."
        self._tell("ended", reason=reason)

    def _guide(self, robot: SimulatedRobot) -> None:
        scene = robot.scene
        if not isinstance(scene, ArmScene) or scene.guided_tool is None:
            raise CannotGuide(self.order.task)
        guide = HandGuide(scene.guided_tool, scene.home_joints, robot.rate_hz)
        variation = get_task(self.order.task).variation(self.order.seed)
        while True:
            robot.prepare(self.order.region, variation)
            guide.begin(scene.home_joints)
            view = scene.picture_view(VIDEO_WIDTH / VIDEO_HEIGHT)
            self._wish = None
            self._tell("ready", room=scene.guided_tool.room, **_where(guide.pose, guide.pose, view))
            if self._awaited(("start",), robot) == "end":
                return
            self._tell("recorded", motion_id=self._record(robot, guide, view))
            if self._awaited(("again",), robot) == "end":
                return

    def _awaited(self, acts: tuple[Act, ...], robot: SimulatedRobot) -> Act:
        """Wait for one of these acts; "end" comes by itself when the page is gone or the arm is stopped."""
        while True:
            asked, self._asked = self._asked, None
            if asked == "end" or self._silence_s() > GONE_S or robot.interlock():
                return "end"
            if asked in acts:
                return asked
            time.sleep(_IDLE_S)

    def _record(self, robot: SimulatedRobot, guide: HandGuide, view: PictureView) -> int | None:
        """Let the arm follow until the stop; return the id of the motion that came of it, None where nothing
        moved. What an error cuts off is offered when the cell starts again.
        """
        path = self.order.path()
        try:
            with EpisodeLog(path, self.order.header) as episode:
                self._follow(robot, guide, view, episode)
        finally:
            robot.end_guiding()
        return self._keep(path)

    def _follow(
        self, robot: SimulatedRobot, guide: HandGuide, view: PictureView, episode: EpisodeLog
    ) -> None:
        clock = MotionClock(guide.joints, robot.rate_hz)
        episode.append(0.0, guide.joints)
        robot.begin_guiding(GREATEST_RECORDING_S)
        due_s, step, outcome = time.monotonic(), 0, robot.outcome()
        while self._asked not in ("stop", "end") and self._silence_s() < GONE_S and not robot.interlock():
            silent, wish = self._silence_s() > SILENT_S, self._wish
            pose = guide.pose if wish is None else wished_pose(wish, guide, view)
            command = guide.step(None if silent or wish is None else pose)
            try:
                robot.guide(command)
            except NotGuided:  # stopped, or its time is over
                return
            if clock.counts(command):
                episode.append(clock.time_s, command)
            step += 1
            if step % _JUDGED_EVERY == 0:
                outcome = robot.outcome()
            self._tell(
                "recording",
                **_where(guide.pose, pose, view),
                follows=0 if wish is None else wish.number,
                recorded_s=round(clock.time_s, 2),
                waits=clock.stands,
                silent=silent,
                success=None if outcome is None else outcome.success,
                measures=_finite(outcome),
            )
            # A step that is late shifts those after it: simulated time then runs slower, without a jump.
            due_s = max(due_s + 1 / robot.rate_hz, time.monotonic() - 1 / robot.rate_hz)
            time.sleep(max(0.0, due_s - time.monotonic()))

    def _silence_s(self) -> float:
        return time.monotonic() - self._heard_s

    def _tell(self, phase: Phase, **facts: Any) -> None:
        last = {name: value for name, value in self._told.items() if phase in ("recorded", "ended")}
        self._told = {**last, "phase": phase, "region_id": self.order.region_id, **facts}


def _finite(outcome: Outcome | None) -> dict[str, float]:
    """What was measured; JSON has no infinity."""
    measures = {} if outcome is None else outcome.measures
    return {name: value for name, value in measures.items() if np.isfinite(value)}


def _where(tool: ToolPose, wished: ToolPose, view: PictureView) -> dict[str, Any]:
    """The tool and its foot on the table, in space and in the picture, as JSON values."""
    x, y, z, _ = tool
    return {
        "tool": [round(each, 5) for each in tool],
        "wished": [round(each, 5) for each in wished],
        "handle": [round(each, 5) for each in view.picture_of(np.array([x, y, z]))],
        "foot": [round(each, 5) for each in view.picture_of(np.array([x, y, 0.0]))],
    }
