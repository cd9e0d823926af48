"""The cell's robot, shared by the jobs that move it and the live service that shows it."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import structlog

from app.cells.lease import StaleLease
from app.cells.motion_guard import Disturbed, MotionGuard
from hndp_core.errors import HndpError
from hndp_core.robots.connection import NotConnected
from hndp_core.robots.simulated import SimulatedRobot
from hndp_core.tasks import get_task

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


class Arm:
    """The simulated robot of this cell; its scene is built when a job first needs its task.

    Args:
        speed: simulated seconds a second; 0 is as fast as it computes
        guard: says whether it may move
    """

    def __init__(self, speed: float, guard: MotionGuard) -> None:
        self.guard = guard
        guard.when_halted = self._halt
        self._speed = speed
        self._robot: SimulatedRobot | None = None
        self._task: str | None = None
        self._moving = threading.Lock()
        self._activity: Activity | None = None
        self._watched_at = -WATCHED_S

    @contextmanager
    def use(self, task: str, activity: Activity) -> Iterator[SimulatedRobot]:
        """The robot in the scene of a task, for one job at a time.

        Raises:
            Disturbed: the arm may not move now, or was stopped or held before the block ended: what it did
                is void.
            MissingGraphicsLibrary: no OpenGL to render with.
        """
        with self._moving, self.guard.undisturbed():
            robot = self._robot_for(task)
            self._activity = activity
            try:
                yield robot
            finally:
                self._activity = None

    def warm_up(self, task: str) -> None:
        """Build the scene of a task now, so that there is a picture, and what is missing shows.

        Raises:
            MissingGraphicsLibrary: no OpenGL to render with.
        """
        with self._moving:
            self._robot_for(task)

    def recover(self, token: int | None, user_id: int) -> None:
        """Go home slowly after a stop; returns when there, or when it was stopped again."""
        with self._moving:
            try:
                self.guard.begin_recovery(token, user_id)
            except (Disturbed, StaleLease) as error:
                log.info("no recovery", reason=error.message)
                return
            home = False
            try:
                if self._robot is not None:
                    self._robot.home(RECOVERY_PACE)
                home = True
            except HndpError as error:
                log.warning("the arm did not get home", error=str(error))
            finally:
                self.guard.end_recovery(home=home)

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
            "joints": self._joints(),
            **self.guard.state(),
        }

    def rest(self, timeout_s: float) -> bool:
        """Wait until no job moves the arm; return whether that came in time."""
        return self._moving.acquire(timeout=timeout_s)

    def _joints(self) -> list[float] | None:
        robot = self._robot
        if robot is None:
            return None
        try:
            return [round(float(each), 5) for each in robot.joints()]
        except NotConnected:  # its scene gives way to that of another task at this moment
            return None

    def _halt(self) -> None:
        if self._robot is not None:
            self._robot.stop()

    def _robot_for(self, name: str) -> SimulatedRobot:
        task = get_task(name)
        if self._robot is None or self._task != task.key:
            if self._robot is not None:
                self._robot.disconnect()
                self._robot = None
            robot = SimulatedRobot(task.build_scene(), self._speed)
            robot.interlock = self.guard.forbids
            robot.connect()
            self._robot, self._task = robot, task.key
        self._robot.live = time.monotonic() - self._watched_at < WATCHED_S
        return self._robot
