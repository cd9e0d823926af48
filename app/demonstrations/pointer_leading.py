"""The simulated arm is led by wishes out of the browser: it follows by inverse kinematics, under physics."""

import time
from typing import Any, Final

import numpy as np

from app.demonstrations.guide_visit import GuideVisit
from app.demonstrations.guide_wish import wished_pose
from app.demonstrations.leading import GREATEST_RECORDING_S, Leading
from app.platform.errors import Conflict
from hndp_core.data.episode_log import EpisodeLog
from hndp_core.data.motion_clock import MotionClock
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
from hndp_core.tasks.variation import SceneVariation

_JUDGED_EVERY: Final = 10  # steps


class CannotGuide(Conflict):
    """A task whose scene does not say how its tool may be guided."""

    def __init__(self, task: str) -> None:
        super().__init__(f"{get_task(task).title} cannot be guided by hand: record the teacher, or import.")


class PointerLeading(Leading):
    """Leads the simulated arm where the page wishes its tool to be.

    Args:
        robot: that is led.
        task: its name.
        region: where the object is.
        variation: of the scene.

    Raises:
        CannotGuide: the task does not say how its tool may be guided.
    """

    def __init__(self, robot: SimulatedRobot, task: str, region: Region, variation: SceneVariation) -> None:
        scene = robot.scene
        if not isinstance(scene, ArmScene) or scene.guided_tool is None:
            raise CannotGuide(task)
        self._robot, self._scene, self._tool = robot, scene, scene.guided_tool
        self._region, self._variation = region, variation
        self._guide = HandGuide(self._tool, scene.home_joints, robot.rate_hz)
        self._view = self._look()

    def get_ready(self) -> dict[str, Any]:
        """Lay out the scene, with the arm at home; return the tool's room and where it is."""
        self._robot.prepare(self._region, self._variation)
        self._guide.begin(self._scene.home_joints)
        self._view = self._look()
        return {"room": self._tool.room, **_where(self._guide.pose, self._guide.pose, self._view)}

    def start_image(self) -> None:
        """None: the same scene is laid out when the arm executes the motion."""

    def follow(self, episode: EpisodeLog, visit: GuideVisit) -> str:
        """Follow the wishes; the arm holds while the page is silent, and the recording waits meanwhile."""
        visit.wish = None
        self._robot.begin_guiding(GREATEST_RECORDING_S)
        try:
            self._follow(episode, visit)
        finally:
            self._robot.end_guiding()
        return ""

    def _follow(self, episode: EpisodeLog, visit: GuideVisit) -> None:
        robot, guide = self._robot, self._guide
        clock = MotionClock(guide.joints, robot.rate_hz)
        episode.append(0.0, guide.joints)
        due_s, step, outcome = time.monotonic(), 0, robot.outcome()
        while not visit.wants_the_end and not visit.gone and not robot.interlock():
            silent, wish = visit.silent, visit.wish
            pose = guide.pose if wish is None else wished_pose(wish, guide, self._view)
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
            visit.tell(
                "recording",
                **_where(guide.pose, pose, self._view),
                follows=0 if wish is None else wish.number,
                joints=[round(float(each), 5) for each in command],
                recorded_s=round(clock.time_s, 2),
                waits=clock.stands,
                silent=silent,
                success=None if outcome is None else outcome.success,
                measures=_finite(outcome),
            )
            # A step that is late shifts those after it: simulated time then runs slower, without a jump.
            due_s = max(due_s + 1 / robot.rate_hz, time.monotonic() - 1 / robot.rate_hz)
            time.sleep(max(0.0, due_s - time.monotonic()))

    def _look(self) -> PictureView:
        return self._scene.picture_view(VIDEO_WIDTH / VIDEO_HEIGHT)


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
