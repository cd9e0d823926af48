"""A real arm with its camera behind the robot contract, whatever software commands it."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Final

import numpy as np
from jaxtyping import Float64, UInt8

from hndp_core.errors import InvalidSetting
from hndp_core.robots.arm_driver import ArmDriver, ArmReading
from hndp_core.robots.camera import Camera, CameraLost
from hndp_core.robots.command_stream import CommandStream
from hndp_core.robots.connection import Connection, NothingPrepared, RobotBusy, RobotLost
from hndp_core.robots.driver_line import DriverLine
from hndp_core.robots.homing import way_home
from hndp_core.robots.picture import fit_picture
from hndp_core.robots.robot import Execution, OnStep, Robot, ShouldStop
from hndp_core.robots.safety import check_trajectory
from hndp_core.tasks.arm_body import ArmBody
from hndp_core.tasks.camera_format import VIDEO_HEIGHT, VIDEO_WIDTH
from hndp_core.tasks.outcome import Outcome
from hndp_core.tasks.region import Region
from hndp_core.tasks.task import Task
from hndp_core.tasks.variation import SceneVariation

ANSWER_TIMEOUT_S: Final = 0.5
"""An arm that answers no question for this long is lost: 25 control steps."""

_WINDING_UP_S: Final = 2.0
_AT_HOME_RAD: Final = 1e-3


class RealRobot(Robot):
    """A real arm, its camera, and a person who lays out the scene.

    Commands are sent one by one, so that the arm never knows more of a motion than its next step: it stops
    when they stop, whether they were stopped or this process, the line or the driver failed. Whatever a
    driver raises makes the robot lost: motion ends, and nothing is sent until it is connected anew. A motion
    has a thread of its own, which is watched, since what a driver asks may never be answered.

    Attributes:
        task: says home joints, rate, and what a region says about the state.
    """

    simulated = False

    def __init__(
        self,
        driver: ArmDriver,
        camera: Camera,
        task: Task,
        answer_timeout_s: float = ANSWER_TIMEOUT_S,
        arm_body: ArmBody | None = None,
    ) -> None:
        """Take what is needed; nothing is connected yet.

        Args:
            driver: of the arm; one of its kind in a process, it may serve one robot after the other.
            camera: that looks at the scene.
            task: that the robot is for.
            answer_timeout_s: an arm that does not answer for this long is lost.
            arm_body: shape of the arm and the room that it has; None: a Panda over a table.
        """
        self.task = task
        self.arm_body = _panda_over_a_table() if arm_body is None else arm_body
        self.rate_hz = task.control_rate_hz
        self._driver = driver
        self._camera = camera
        self._line = DriverLine(driver, answer_timeout_s)
        self._stream = CommandStream(driver, self._line, self.rate_hz, self._read)
        self._region: Region | None = None
        self._seen_joints: Float64[np.ndarray, " dof"] | None = None
        self._motion = threading.Lock()
        self._stop_asked = threading.Event()
        self._guided = False
        self._guiding_lock = threading.Lock()

    @property
    def connection(self) -> Connection:
        """Whether the robot can be commanded, and why not. May be read from any thread."""
        return self._line.connection

    def connect(self) -> None:
        """Connect to arm and camera; to a lost one anew.

        Raises:
            MissingDriver: the arm's software is not installed.
            RobotLost: the arm cannot be reached.
            CameraLost: the camera cannot be opened.
        """
        if self.connection.state == "connected":
            return
        self.disconnect()
        self._line.open()
        try:
            self._camera.open()
        except BaseException:
            self._line.close()
            raise

    def disconnect(self) -> None:
        """Stop any motion and let go of arm and camera. Disconnecting twice changes nothing."""
        if not self._line.is_open:
            return
        with suppress(RobotLost):
            self.stop()
        wound_up = self._motion.acquire(timeout=_WINDING_UP_S)
        try:
            self._region, self._guided = None, False
            self._line.close()
            self._camera.close()
        finally:
            if wound_up:
                self._motion.release()

    def prepare(self, region: Region, variation: SceneVariation) -> None:
        """Home the arm and remember the region: a person lays out the scene, and varies it by doing so.

        Raises:
            CameraLost: it gives no pictures; nothing has moved.
        """
        self._line.require()
        self._camera.open()  # one that was unplugged may be back
        self.home()
        self._region = region

    def joints(self) -> Float64[np.ndarray, " dof"]:
        """Return the measured joint positions [rad]. May be called from any thread."""
        return self._read().joints

    def joint_velocities(self) -> Float64[np.ndarray, " dof"]:
        """Return the measured joint velocities [rad/s]."""
        return self._read().velocities

    def state(self) -> Float64[np.ndarray, " state"]:
        """Return what the prepared region says about the scene.

        Raises:
            NothingPrepared: no region has been prepared.
        """
        self._line.require()
        if self._region is None:
            raise NothingPrepared
        return self.task.nominal_state(self._region)

    def capture(self, width: int, height: int) -> UInt8[np.ndarray, "height width 3"]:
        """Return the camera's present image, RGB: its middle, where it has another shape.

        Raises:
            CameraLost: it gives no pictures any more.
        """
        self._line.require()
        return fit_picture(self._camera.read(), width, height)

    def latest_joints(self) -> Float64[np.ndarray, " dof"] | None:
        """Return the joints that were measured last [rad], by whoever asked; the arm itself is not asked."""
        return self._seen_joints

    def latest_frame(self) -> UInt8[np.ndarray, "height width 3"] | None:
        """Return the camera's present picture, also while the arm is lost; None while there is none."""
        try:
            return fit_picture(self._camera.read(), VIDEO_WIDTH, VIDEO_HEIGHT)
        except CameraLost:
            return None

    def home(self, pace: float = 1.0) -> None:
        """Move to the home joints on a minimum-jerk path, well below the velocity limits.

        Args:
            pace: part of the usual homing speed, in (0, 1].
        """
        with self._moving():
            start, home = self.joints(), np.array(self.task.home_joints)
            if np.abs(home - start).max() > _AT_HOME_RAD:
                self._execute(start, way_home(start, home, self.rate_hz, pace=pace))

    def execute(
        self,
        trajectory: Float64[np.ndarray, "steps dof"],
        on_step: OnStep | None = None,
        should_stop: ShouldStop | None = None,
    ) -> Execution:
        """Check the trajectory, then stream it; see `Robot.execute`.

        A `stop` asked before the call is forgotten: one that must last belongs to the interlock.

        Raises:
            ArmRefused: the arm's own software does not accept the motion; nothing has moved.
        """
        with self._moving():
            return self._execute(self.joints(), trajectory, on_step, should_stop)

    def stop(self) -> None:
        """Stop motion, guided or not: the arm holds where it is. May be called from any thread.

        Raises:
            RobotLost: a guided arm did not hear it: use the hardware's stop.
        """
        self._stop_asked.set()
        self.end_guiding()

    def begin_guiding(self, greatest_duration_s: float) -> None:
        """Let the arm give way to a hand; see `Robot.begin_guiding`."""
        self._line.require()
        if not 0 < greatest_duration_s < np.inf:
            raise InvalidSetting("greatest_duration_s", greatest_duration_s, "use a time above 0")
        if self.interlock():
            raise RobotBusy("may not move now", "do what lifts its interlock first")
        with self._moving(), self._guiding_lock:
            self._line.ask(lambda: self._driver.give_way(greatest_duration_s), self._driver.greatest_start_s)
            self._guided = True

    def end_guiding(self) -> None:
        """Hold the arm where it was led to. Without a guiding under way it changes nothing."""
        with self._guiding_lock:
            if self._guided and self._line.is_open:
                self._line.ask(self._driver.hold, self._driver.greatest_end_s)
                self._guided = False

    @property
    def guiding(self) -> bool:
        """Whether the arm gives way now; a lost one is not known to."""
        if not self._guided or self.connection.state != "connected":
            return False
        return self._line.ask(self._driver.yields)

    def open_gripper(self) -> None:
        """Open the gripper; returns when it is open.

        Raises:
            NoGripper: none is fitted.
        """
        self._grip(close=False)

    def close_gripper(self) -> None:
        """Close the gripper on what is in it, or fully; returns when it is closed.

        Raises:
            NoGripper: none is fitted.
        """
        self._grip(close=True)

    def outcome(self) -> Outcome | None:
        """Return None: only people can judge a real scene."""
        return None

    def _execute(
        self,
        start: Float64[np.ndarray, " dof"],
        trajectory: Float64[np.ndarray, "steps dof"],
        on_step: OnStep | None = None,
        should_stop: ShouldStop | None = None,
    ) -> Execution:
        commands = check_trajectory(start, trajectory, self.rate_hz, body=self.arm_body)
        self._stop_asked.clear()

        def must_hold() -> bool:
            return self.interlock() or self._stop_asked.is_set() or bool(should_stop and should_stop())

        try:
            return self._line.watch(lambda: self._stream.follow(start, commands, must_hold, on_step))
        except RobotLost:
            self._line.tell(self._driver.end_stream)
            raise
        except BaseException:
            self._stop_asked.set()  # the motion goes on in its thread if only the waiting was interrupted
            raise

    def _grip(self, close: bool) -> None:
        self._line.ask(lambda: self._driver.grip(close), self._driver.greatest_gripping_s)

    def _read(self) -> ArmReading:
        reading = self._line.ask(self._driver.read)
        self._seen_joints = reading.joints.copy()
        return reading

    @contextmanager
    def _moving(self) -> Iterator[None]:
        """Let one caller at a time move the arm."""
        self._line.require()
        if self.guiding:
            raise RobotBusy("is being guided", "end the guiding first")
        if not self._motion.acquire(blocking=False):
            raise RobotBusy("moves already", "wait until it rests, or stop it")
        try:
            yield
        finally:
            self._motion.release()


def _panda_over_a_table() -> ArmBody:
    from hndp_core.tasks.panda.arm_body import PandaBody  # loads MuJoCo, which only a cell may

    return PandaBody()
