"""The contract of a robot: simulated and real arms behave alike behind it."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import ClassVar, Self

import numpy as np
from jaxtyping import Float64, UInt8

from hndp_core.robots.connection import Connection, NoGripper
from hndp_core.tasks.arm_body import ArmBody
from hndp_core.tasks.camera_format import VIDEO_HEIGHT, VIDEO_WIDTH
from hndp_core.tasks.outcome import Outcome
from hndp_core.tasks.region import Region
from hndp_core.tasks.variation import SceneVariation

OnStep = Callable[[int, Float64[np.ndarray, " dof"]], None]
"""Called after every control step with its number, from 0, and the measured joints [rad].

On a real arm it is called from the motion's own thread, as `ShouldStop` is."""

ShouldStop = Callable[[], bool]
"""Asked before every control step: whether to hold the arm and end the motion."""


Picture = Callable[[], UInt8[np.ndarray, "height width 3"]]
"""Gives an image that was taken before, RGB."""


@dataclass(frozen=True)
class Execution:
    """What came of streaming a trajectory to the arm.

    Attributes:
        measured: joint positions after each step that was made [rad].
        stopped: whether the motion ended early.
        sent_s: when the command of each of these steps was sent, measured since the start by a clock that
            only goes forward; None: the motion kept no periods, as a simulation as fast as it computes.
    """

    measured: Float64[np.ndarray, "steps dof"]
    stopped: bool
    sent_s: Float64[np.ndarray, " steps"] | None = None


class Robot(ABC):
    """One arm and its camera.

    Attributes:
        simulated: whether trials on it are simulation; they are never pooled with real ones.
        rate_hz: control steps a second.
        arm_body: shape of the arm and the room that it has, for the check before motion.
        live: whether somebody watches; a robot whose pictures cost it something draws them only then.
        interlock: asked before every control step of every motion, homing included, and before guiding: True
            holds the arm and ends the motion. The cell sets it to what forbids motion there; it must answer
            at once.
    """

    simulated: ClassVar[bool]
    rate_hz: float
    arm_body: ArmBody | None
    interlock: ShouldStop = staticmethod(lambda: False)
    live: bool = False

    @property
    @abstractmethod
    def connection(self) -> Connection:
        """Whether the robot can be commanded, and why not. May be read from any thread."""

    @abstractmethod
    def connect(self) -> None:
        """Make the arm ready. Connecting twice changes nothing."""

    @abstractmethod
    def disconnect(self) -> None:
        """Stop any motion and let go of arm and camera. Disconnecting twice changes nothing."""

    def __enter__(self) -> Self:
        self.connect()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.disconnect()

    @abstractmethod
    def prepare(self, region: Region, variation: SceneVariation) -> None:
        """Bring the arm home for a rollout in a region.

        A simulated scene is laid out, too, and varied. On a real arm a person lays it out, which varies it
        enough; the robot only remembers the region, since it is all that `state` can know.
        """

    @abstractmethod
    def joints(self) -> Float64[np.ndarray, " dof"]:
        """Return the measured joint positions [rad]. May be called from any thread."""

    @abstractmethod
    def joint_velocities(self) -> Float64[np.ndarray, " dof"]:
        """Return the measured joint velocities [rad/s]."""

    @abstractmethod
    def state(self) -> Float64[np.ndarray, " state"]:
        """Return the privileged state for local policies, such as the object's position [m].

        The true one in simulation; on a real arm what the prepared region says.
        """

    @abstractmethod
    def capture(self, width: int, height: int) -> UInt8[np.ndarray, "height width 3"]:
        """Return the camera's present image, RGB, resized."""

    def capture_later(self, width: int, height: int) -> Picture:
        """Take the camera's present image without holding up a motion; the result gives it when called."""
        image = self.capture(width, height)
        return lambda: image

    def observe(self, size: int) -> UInt8[np.ndarray, "size size 3"]:
        """Return the square image that policies see; of the camera where a cell has no other."""
        return self.capture(size, size)

    def latest_joints(self) -> Float64[np.ndarray, " dof"] | None:
        """Return the joints [rad] for people who watch; None before the first were measured.

        Answers at once, and may be called from any thread.
        """
        return self.joints()

    def region_outline(self, region: Region) -> Float64[np.ndarray, "points 2"]:
        """Return where the camera's 4:3 image shows the outline of a region's object; no point: unknown.

        Points are (u, v): 0, 0 is the image's upper left corner and 1, 1 its lower right one. A camera whose
        place nobody has measured knows none.
        """
        return np.empty((0, 2))

    def latest_frame(self) -> UInt8[np.ndarray, "height width 3"] | None:
        """Return a picture for people who watch; None before the first. May be called from any thread."""
        return self.capture(VIDEO_WIDTH, VIDEO_HEIGHT)

    @abstractmethod
    def home(self, pace: float = 1.0) -> None:
        """Move to the home joints, within the limits; returns when there, or when it was stopped.

        Args:
            pace: part of the usual homing speed, in (0, 1].
        """

    @abstractmethod
    def execute(
        self,
        trajectory: Float64[np.ndarray, "steps dof"],
        on_step: OnStep | None = None,
        should_stop: ShouldStop | None = None,
    ) -> Execution:
        """Stream joint positions [rad] at `rate_hz`; row t is the command for time (t + 1) / rate_hz.

        Raises:
            NotNumbers, ShapeMismatch: it is no array of joint positions; nothing has moved.
            TrajectoryRefused: it would break a limit; nothing has moved.
            RobotBusy: the arm is being guided, or moves for another caller.
            RobotLost: the arm no longer answers or follows; nothing more is sent to it.
            NotConnected: before `connect`.
        """

    @abstractmethod
    def stop(self) -> None:
        """Stop motion, guided or not: the arm holds where it is. May be called from any thread."""

    @abstractmethod
    def begin_guiding(self, greatest_duration_s: float) -> None:
        """Let the arm give way to whoever guides it; `joints` is read meanwhile.

        It ends by itself after the duration, so that an arm is never left limp; the arm then holds.

        Raises:
            InvalidSetting: a duration that is not above 0.
            RobotBusy: the arm moves, is being guided already, or its interlock forbids motion.
            NotConnected: before `connect`.
        """

    @abstractmethod
    def end_guiding(self) -> None:
        """Hold the arm where it was led to. Without a guiding under way it changes nothing."""

    @property
    @abstractmethod
    def guiding(self) -> bool:
        """Whether the arm gives way now. May be read from any thread."""

    def open_gripper(self) -> None:
        """Open the gripper; returns when it is open.

        Raises:
            NoGripper: none is fitted.
        """
        raise NoGripper

    def close_gripper(self) -> None:
        """Close the gripper on what is in it, or fully; returns when it is closed.

        Raises:
            NoGripper: none is fitted.
        """
        raise NoGripper

    @abstractmethod
    def outcome(self) -> Outcome | None:
        """Return what the physics says about the present scene; None where only people can judge."""
