"""The cell's robot, shared by the jobs that move it and the live service that shows it."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import structlog

from app.cells.interlock import Disturbed
from app.cells.lease import StaleLease
from app.cells.motion_guard import MotionGuard
from app.cells.scene_desk import SceneDesk
from hndp_core.errors import HndpError
from hndp_core.robots.camera import CameraLost
from hndp_core.robots.connection import NotConnected, RobotLost
from hndp_core.robots.robot import Robot
from hndp_core.tasks import get_task
from hndp_core.tasks.task import Task

WATCHED_S: Final = 2.0
"""Time since the last request for a picture after which nobody watches."""

RECOVERY_PACE: Final = 0.5
"""Part of the usual homing speed at which the arm goes home after a stop: somebody stands close by."""

log = structlog.get_logger()


@dataclass(frozen=True)
class Activity:
    """What the arm is doing, for the screen; an evaluation trial is of no experiment."""

    title: str
    experiment_id: int | None
    trial_id: int | None = None
    """Of the trial that it runs, where people judge it."""


class Arm:
    """The robot of this cell, whatever its kind; it is made when a job first needs its task.

    A lost arm or camera is no fault of what was under way: the guard is told, and it is done again.

    Args:
        make: returns the robot of a task, not connected yet
        guard: says whether it may move
    """

    def __init__(self, make: Callable[[Task], Robot], guard: MotionGuard) -> None:
        self.guard = guard
        self.scenes = SceneDesk(guard)
        guard.when_halted = self._halt
        self._make = make
        self._robot: Robot | None = None
        self._task: str | None = None
        self._moving = threading.Lock()
        self._activity: Activity | None = None
        self._watched_at = -WATCHED_S

    @contextmanager
    def use(self, task: str, activity: Activity) -> Iterator[Robot]:
        """The robot in the scene of a task, for one job at a time.

        Raises:
            Disturbed: the arm may not move now, or was stopped or held, or it or its camera was lost, before
                the block ended: what it did is void.
            MissingGraphicsLibrary: no OpenGL to render with.
        """
        with self._moving, self.guard.undisturbed():
            try:
                robot = self._robot_for(task)
                self._activity = activity
                yield robot
            except CameraLost as lost:
                self.guard.go_blind(str(lost))
                raise Disturbed(str(lost)) from lost
            except RobotLost as lost:
                self.guard.lose(str(lost))
                raise Disturbed(str(lost)) from lost
            finally:
                self._activity = None

    def warm_up(self, task: str) -> None:
        """Make the robot of a task ready now, so that there is a picture, and what is missing shows.

        A camera that gives no pictures yet is waited for, with the arm at rest.

        Raises:
            MissingGraphicsLibrary: no OpenGL to render with.
            MissingDriver: the arm's software is not installed.
            RobotLost: the arm cannot be reached.
        """
        with self._moving:
            try:
                self._robot_for(task)
            except CameraLost as lost:
                self.guard.go_blind(str(lost))

    def recover(self, token: int | None, user_id: int) -> None:
        """Go home slowly after a stop; returns when there, or when it was stopped again.

        An arm that was lost is connected anew before.
        """
        with self._moving:
            try:
                self.guard.begin_recovery(token, user_id)
            except (Disturbed, StaleLease) as error:
                log.info("no recovery", reason=error.message)
                return
            home = False
            try:
                if self._robot is not None:
                    self._robot.connect()
                    self._robot.home(RECOVERY_PACE)
                home = True
            except (RobotLost, CameraLost) as lost:
                self.guard.lose(str(lost))
            except HndpError as error:
                log.warning("the arm did not get home", error=str(error))
            finally:
                self.guard.end_recovery(home=home)

    def look(self) -> None:
        """Ask a resting real arm how it is, so that one that is lost shows before it is to move."""
        robot = self._robot
        if robot is None or robot.simulated or self._activity is not None:
            return
        if robot.connection.state != "connected":
            return
        try:
            robot.joints()
        except RobotLost as lost:
            self.guard.lose(str(lost))
        except NotConnected:  # it gives way to the robot of another task at this moment
            pass

    def picture(self) -> np.ndarray | None:
        """The latest live picture, (240, 320, 3) uint8; None before the first job.

        During a motion pictures are drawn only while somebody asks for them.
        """
        robot = self._robot
        if robot is None:
            return None
        self._watched_at, robot.live = time.monotonic(), True
        return robot.latest_frame()

    def state(self) -> dict[str, Any]:
        """Whether the arm is busy, with what, its joints [rad], and its guard's state, as JSON values."""
        activity = self._activity
        return {
            "busy": activity is not None,
            "activity": activity.title if activity else None,
            "experiment_id": activity.experiment_id if activity else None,
            "trial_id": activity.trial_id if activity else None,
            "scene": self.scenes.state(),
            "joints": self._joints(),
            **self.guard.state(),
        }

    def rest(self, timeout_s: float) -> bool:
        """Wait until no job moves the arm; return whether that came in time."""
        return self._moving.acquire(timeout=timeout_s)

    def let_go(self) -> None:
        """Let go of arm and camera at the process's end: a real arm then holds by itself."""
        if self._robot is not None:
            self._robot.disconnect()

    def _joints(self) -> list[float] | None:
        robot = self._robot
        if robot is None:
            return None
        try:
            joints = robot.latest_joints()
        except NotConnected:  # its scene gives way to that of another task at this moment
            return None
        return None if joints is None else [round(float(each), 5) for each in joints]

    def _halt(self) -> None:
        """Stop the robot beside whoever asks: a real arm that is guided takes its time to answer."""
        threading.Thread(target=self._stop_robot, name="halt", daemon=True).start()

    def _stop_robot(self) -> None:
        if self._robot is None or self.guard.motion_and_reason[0] in ("ready", "recovering"):
            return  # it is late: what moves now is not what was to be stopped
        try:
            self._robot.stop()
        except RobotLost as lost:
            self.guard.lose(str(lost))

    def _robot_for(self, name: str) -> Robot:
        """The robot of a task, connected; a camera that was lost is looked for again.

        Raises:
            CameraLost: it still gives no pictures.
            RobotLost: the arm cannot be reached.
        """
        task = get_task(name)
        if self._robot is None or self._task != task.key:
            if self._robot is not None:
                self._robot.disconnect()
                self._robot = None
            robot = self._make(task)
            robot.interlock = self.guard.forbids
            self._robot, self._task = robot, task.key
        self._robot.connect()
        self._robot.live = time.monotonic() - self._watched_at < WATCHED_S
        return self._robot
