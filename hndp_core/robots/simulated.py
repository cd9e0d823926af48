"""A simulated arm behind the robot contract."""

import threading
import time
from contextlib import nullcontext

import numpy as np
from jaxtyping import Float64, UInt8

from hndp_core.robots.limits import PANDA_LIMITS
from hndp_core.robots.pacing import Pacer, high_priority
from hndp_core.robots.robot import Execution, NotConnected, OnStep, Robot, ShouldStop
from hndp_core.robots.safety import check_trajectory
from hndp_core.tasks.camera_format import VIDEO_HEIGHT, VIDEO_WIDTH
from hndp_core.tasks.outcome import Outcome
from hndp_core.tasks.region import Region
from hndp_core.tasks.scene import Scene
from hndp_core.tasks.variation import SceneVariation

LIVE_FRAME_PERIOD_S = 1 / 12
_HOLD_STEPS = 10
_HOMING_SPEED = 0.4
_HOMING_LEAST_S = 1.0
_MINIMUM_JERK_PEAK = 1.875


class SimulatedRobot(Robot):
    """The arm, objects and camera of a simulated scene.

    Attributes:
        scene: the simulated scene.
        speed: simulated seconds a second: 1 is real time, 0 as fast as it computes.
        live: whether frames for `latest_frame` are drawn during motion; without it motion costs no drawing.
    """

    simulated = True

    def __init__(self, scene: Scene, speed: float = 0.0) -> None:
        self.scene = scene
        self.rate_hz = scene.control_rate_hz
        self.arm_body = scene.arm_body
        self.speed = speed
        self.live = False
        self._connected = False
        self._moving = False
        self._stop_asked = threading.Event()
        self._scene_lock = threading.Lock()
        self._frame: UInt8[np.ndarray, "height width 3"] | None = None
        self._frame_time_s = -np.inf

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
        with self._scene_lock:
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

    def observe(self, size: int) -> UInt8[np.ndarray, "size size 3"]:
        """Return the square image that policies see.

        Raises:
            MissingGraphicsLibrary: no OpenGL to render with.
        """
        self._require_connection()
        with self._scene_lock:
            return self.scene.observe(size)

    def home(self) -> None:
        """Move to the home joints on a minimum-jerk path, well below the velocity limits."""
        start = self.joints()
        way = self.scene.home_joints - start
        greatest_speed = _HOMING_SPEED * np.array(PANDA_LIMITS.velocity)
        duration_s = max(_HOMING_LEAST_S, float(np.max(_MINIMUM_JERK_PEAK * np.abs(way) / greatest_speed)))
        steps = int(np.ceil(duration_s * self.rate_hz))
        s = np.arange(1, steps + 1) / steps
        progress = s**3 * (10 - 15 * s + 6 * s**2)
        self.execute(start + progress[:, None] * way)

    def execute(
        self,
        trajectory: Float64[np.ndarray, "steps dof"],
        on_step: OnStep | None = None,
        should_stop: ShouldStop | None = None,
    ) -> Execution:
        """Check the trajectory, then stream it; see `Robot.execute`.

        A stop asked before the call is forgotten: pass `should_stop` for one that must hold.
        """
        commands = check_trajectory(self.joints(), trajectory, self.rate_hz, body=self.arm_body)
        self._stop_asked.clear()
        self._moving = True
        try:
            with high_priority() if self.speed > 0 else nullcontext():
                return self._stream(commands, on_step, should_stop)
        finally:
            self._moving = False

    def _stream(
        self,
        commands: Float64[np.ndarray, "steps dof"],
        on_step: OnStep | None,
        should_stop: ShouldStop | None,
    ) -> Execution:
        """Make the steps; in real time each takes one period of `rate_hz`."""
        measured, time_s = np.empty_like(commands), np.empty(len(commands))
        pacer = Pacer(1 / (self.rate_hz * self.speed)) if self.speed > 0 else None
        for step, command in enumerate(commands):
            if self._stop_asked.is_set() or (should_stop is not None and should_stop()):
                self._hold()
                return Execution(measured[:step].copy(), True, None if pacer is None else time_s[:step].copy())
            self._control_step(command)
            measured[step] = self.scene.joints()
            if on_step is not None:
                on_step(step, measured[step].copy())
            if pacer is not None:
                time_s[step] = pacer.end_period() * self.speed
        return Execution(measured, False, None if pacer is None else time_s)

    def stop(self) -> None:
        """Stop motion: the arm holds where it is. May be called from any thread."""
        self._stop_asked.set()

    def outcome(self) -> Outcome | None:
        """Return the judgement of the physics."""
        self._require_connection()
        return self.scene.judge()

    def latest_frame(self) -> UInt8[np.ndarray, "height width 3"] | None:
        """Return a live picture; may be called from any thread.

        During motion: the last frame drawn between control steps (None before the first), as long as
        `live` is set. At rest: a frame drawn now, unless the last one is fresh.
        """
        if self._connected and not self._moving:
            with self._scene_lock:
                self._draw_when_due()
        return self._frame

    def _control_step(self, command: Float64[np.ndarray, " dof"]) -> None:
        with self._scene_lock:
            self.scene.step(command)
            if self.live:
                self._draw_when_due()

    def _draw_when_due(self) -> None:
        if time.monotonic() - self._frame_time_s >= LIVE_FRAME_PERIOD_S:
            self._frame = self.scene.render(VIDEO_WIDTH, VIDEO_HEIGHT)
            self._frame_time_s = time.monotonic()

    def _hold(self) -> None:
        """Command the present joints until the arm rests."""
        here = self.scene.joints()
        for _ in range(_HOLD_STEPS):
            self._control_step(here)

    def _require_connection(self) -> None:
        if not self._connected:
            raise NotConnected
