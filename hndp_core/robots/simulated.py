"""A simulated arm behind the robot contract."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext

import numpy as np
from jaxtyping import Float64, UInt8

from hndp_core.errors import InvalidSetting, ShapeMismatch
from hndp_core.robots.connection import Connection, NotConnected, NotGuided, RobotBusy
from hndp_core.robots.homing import way_home
from hndp_core.robots.limits import PANDA_LIMITS
from hndp_core.robots.pace import Pace, high_priority
from hndp_core.robots.robot import Execution, OnStep, Picture, Robot, ShouldStop
from hndp_core.robots.safety import check_trajectory
from hndp_core.tasks.camera_format import VIDEO_HEIGHT, VIDEO_WIDTH
from hndp_core.tasks.outcome import Outcome
from hndp_core.tasks.region import Region
from hndp_core.tasks.scene import Scene
from hndp_core.tasks.variation import SceneVariation

LIVE_FRAME_PERIOD_S = 1 / 12
_HOLD_STEPS = 10


class SimulatedRobot(Robot):
    """The arm, objects and camera of a simulated scene.

    Attributes:
        scene: the simulated scene.
        speed: simulated seconds a second: 1 is real time, 0 as fast as it computes.
    """

    simulated = True

    def __init__(self, scene: Scene, speed: float = 0.0) -> None:
        self.scene = scene
        self.rate_hz = scene.control_rate_hz
        self.arm_body = scene.arm_body
        self.speed = speed
        self._connected = False
        self._motion = threading.Lock()
        self._guided_until_s: float | None = None
        self._stop_asked = threading.Event()
        self._scene_lock = threading.Lock()
        self._frame: UInt8[np.ndarray, "height width 3"] | None = None
        self._taken: Picture | None = None
        self._taken_at_s = -np.inf

    @property
    def connection(self) -> Connection:
        """Whether the robot is connected; a simulated one is never lost."""
        return Connection("connected" if self._connected else "disconnected")

    def connect(self) -> None:
        """Make the arm ready. Connecting twice changes nothing."""
        self._connected = True

    def disconnect(self) -> None:
        """Stop any motion and give the renderer back. Disconnecting twice changes nothing."""
        self.stop()
        self._connected = False
        with self._scene_lock:
            self.scene.close()

    def prepare(self, region: Region, variation: SceneVariation) -> None:
        """Lay out the scene for a rollout: object in the region, arm at home."""
        self._require_connection()
        with self._moving(), self._scene_lock:
            self.scene.reset(region, variation)

    def joints(self) -> Float64[np.ndarray, " dof"]:
        """Return the measured joint positions [rad]."""
        self._require_connection()
        return self.scene.joints()

    def joint_velocities(self) -> Float64[np.ndarray, " dof"]:
        """Return the measured joint velocities [rad/s]."""
        self._require_connection()
        return self.scene.joint_velocities()

    def state(self) -> Float64[np.ndarray, " state"]:
        """Return the scene's privileged state."""
        self._require_connection()
        return self.scene.state()

    def capture(self, width: int, height: int) -> UInt8[np.ndarray, "height width 3"]:
        """Return the fixed camera's present image, RGB.

        Raises:
            MissingGraphicsLibrary: no OpenGL to render with.
        """
        self._require_connection()
        with self._scene_lock:
            return self.scene.render(width, height)

    def capture_later(self, width: int, height: int) -> Picture:
        """Take the fixed camera's present image; in real time it is drawn when it is asked for."""
        self._require_connection()
        with self._scene_lock:
            return self._take(width, height)

    def observe(self, size: int) -> UInt8[np.ndarray, "size size 3"]:
        """Return the square image that policies see.

        Raises:
            MissingGraphicsLibrary: no OpenGL to render with.
        """
        self._require_connection()
        with self._scene_lock:
            return self.scene.observe(size)

    def region_outline(self, region: Region) -> Float64[np.ndarray, "points 2"]:
        """Return where the image shows the outline of a region's object; holds until the next `prepare`."""
        self._require_connection()
        with self._scene_lock:
            return self.scene.region_outline(region, VIDEO_WIDTH / VIDEO_HEIGHT)

    def home(self, pace: float = 1.0) -> None:
        """Move to the home joints on a minimum-jerk path, well below the velocity limits."""
        self.execute(way_home(self.joints(), self.scene.home_joints, self.rate_hz, pace=pace))

    def execute(
        self,
        trajectory: Float64[np.ndarray, "steps dof"],
        on_step: OnStep | None = None,
        should_stop: ShouldStop | None = None,
    ) -> Execution:
        """Check the trajectory, then stream it; see `Robot.execute`.

        A `stop` asked before the call is forgotten: one that must last belongs to the interlock.
        """
        self._require_connection()
        with self._moving():
            commands = check_trajectory(self.joints(), trajectory, self.rate_hz, body=self.arm_body)
            self._stop_asked.clear()
            with high_priority() if self.speed > 0 else nullcontext():
                return self._stream(commands, on_step, should_stop)

    def _stream(
        self,
        commands: Float64[np.ndarray, "steps dof"],
        on_step: OnStep | None,
        should_stop: ShouldStop | None,
    ) -> Execution:
        """Make the steps; in real time each takes one period."""
        measured = np.empty_like(commands)
        pace = Pace(self.rate_hz * self.speed) if self.speed > 0 else None
        sent_s: list[float] = []
        for step, command in enumerate(commands):
            if self.interlock() or self._stop_asked.is_set() or (should_stop and should_stop()):
                self._hold()
                return Execution(measured[:step].copy(), True, None if pace is None else np.array(sent_s))
            if pace is not None:
                sent_s.append(pace.passed_s() * self.speed)
            self._control_step(command)
            measured[step] = self.scene.joints()
            if on_step is not None:
                on_step(step, measured[step].copy())
            if pace is not None:
                pace.wait()
        return Execution(measured, False, None if pace is None else np.array(sent_s))

    def stop(self) -> None:
        """Stop motion, guided or not: the arm holds where it is. May be called from any thread."""
        self._stop_asked.set()

    def begin_guiding(self, greatest_duration_s: float) -> None:
        """Let the arm be led by `guide`; see `Robot.begin_guiding`."""
        self._require_connection()
        if not 0 < greatest_duration_s < np.inf:
            raise InvalidSetting("greatest_duration_s", greatest_duration_s, "use a time above 0")
        if self.interlock():
            raise RobotBusy("may not move now", "do what lifts its interlock first")
        with self._moving():
            self._stop_asked.clear()
            self._led_to = self.joints()
            self._guided_until_s = time.monotonic() + greatest_duration_s

    def end_guiding(self) -> None:
        """Hold the arm where it was led to. Without a guiding under way it changes nothing."""
        if self._guided_until_s is not None:
            self._guided_until_s = None
            self._hold()

    @property
    def guiding(self) -> bool:
        """Whether the arm gives way now."""
        until_s = self._guided_until_s
        if until_s is None or self._stop_asked.is_set() or self.interlock():
            return False
        return time.monotonic() < until_s

    def guide(self, joints: Float64[np.ndarray, " dof"]) -> None:
        """Lead the guided arm for one control step, in place of a hand on it; the physics follows.

        Args:
            joints: where the arm shall be [rad]; it goes there no faster than its velocity limits allow,
                and no farther than its joints reach.

        Raises:
            NotGuided: the guiding has ended: by its duration, by `stop` or by `end_guiding`.
            ShapeMismatch: not one position a joint.
            InvalidSetting: a position that is not a number.
        """
        self._require_connection()
        if not self.guiding:
            self.end_guiding()
            raise NotGuided
        if joints.shape != self._led_to.shape:
            raise ShapeMismatch("joints", joints.shape, str(self._led_to.shape))
        if not np.isfinite(joints).all():
            raise InvalidSetting("joints", joints.tolist(), "lead the arm to finite joint positions")
        reach = np.array(PANDA_LIMITS.velocity) / self.rate_hz
        near = np.clip(joints, self._led_to - reach, self._led_to + reach)
        self._led_to = np.clip(near, *PANDA_LIMITS.position_range())
        self._control_step(self._led_to)

    def outcome(self) -> Outcome | None:
        """Return the judgement of the physics."""
        self._require_connection()
        return self.scene.judge()

    def latest_frame(self) -> UInt8[np.ndarray, "height width 3"] | None:
        """Return a live picture; may be called from any thread.

        During motion: the last one taken between control steps (None before the first), as long as `live`
        is set. At rest: one taken now, unless the last one is fresh.
        """
        if self._connected and not self._motion.locked():
            with self._scene_lock:
                self._take_when_due()
        taken, self._taken = self._taken, None
        if taken is not None:
            self._frame = taken()
        return self._frame

    @contextmanager
    def _moving(self) -> Iterator[None]:
        """Let one caller at a time move the arm."""
        if self.guiding:
            raise RobotBusy("is being guided", "end the guiding first")
        if not self._motion.acquire(blocking=False):
            raise RobotBusy("moves already", "wait until it rests, or stop it")
        try:
            self.end_guiding()  # its time may be over without anybody having held the arm
            yield
        finally:
            self._motion.release()

    def _control_step(self, command: Float64[np.ndarray, " dof"]) -> None:
        with self._scene_lock:
            self.scene.step(command)
            if self.live:
                self._take_when_due()

    def _take_when_due(self) -> None:
        if time.monotonic() - self._taken_at_s >= LIVE_FRAME_PERIOD_S:
            self._taken = self._take(VIDEO_WIDTH, VIDEO_HEIGHT)
            self._taken_at_s = time.monotonic()

    def _take(self, width: int, height: int) -> Picture:
        """Take a picture. Drawing takes longer than a control step may: in real time it is put off."""
        if self.speed > 0:
            return self.scene.render_later(width, height)
        image = self.scene.render(width, height)
        return lambda: image

    def _hold(self) -> None:
        """Command the present joints until the arm rests."""
        here = self.scene.joints()
        for _ in range(_HOLD_STEPS):
            self._control_step(here)

    def _require_connection(self) -> None:
        if not self._connected:
            raise NotConnected
