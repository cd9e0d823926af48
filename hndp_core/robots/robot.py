"""The contract of a robot: simulated and real arms behave alike behind it."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import ClassVar, Self

import numpy as np
from jaxtyping import Float64, UInt8

from hndp_core.errors import HndpError
from hndp_core.tasks.arm_body import ArmBody
from hndp_core.tasks.outcome import Outcome

OnStep = Callable[[int, Float64[np.ndarray, " dof"]], None]
"""Called after every control step with its number, from 0, and the measured joints [rad]."""

ShouldStop = Callable[[], bool]
"""Asked before every control step: whether to hold the arm and end the motion."""


class NotConnected(HndpError):
    """A robot that was asked to act before `connect`, or after `disconnect`."""

    def __init__(self) -> None:
        super().__init__("The robot is not connected: call connect() first, or use it in a with statement.")


@dataclass(frozen=True)
class Execution:
    """What came of streaming a trajectory to the arm.

    Attributes:
        measured: joint positions after each step that was made [rad].
        stopped: whether the motion ended early.
        time_s: when the period of each of these steps ended, measured since the start by a clock that only
            goes forward; None: the motion kept no periods, as a simulation that runs as fast as it computes.
    """

    measured: Float64[np.ndarray, "steps dof"]
    stopped: bool
    time_s: Float64[np.ndarray, " steps"] | None = None


class Robot(ABC):
    """One arm and its camera.

    Attributes:
        simulated: whether trials on it are simulation; they are never pooled with real ones.
        rate_hz: control steps a second.
        arm_body: shape of the arm and the room that it has, for the check before motion.
    """

    simulated: ClassVar[bool]
    rate_hz: float
    arm_body: ArmBody | None

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
    def joints(self) -> Float64[np.ndarray, " dof"]:
        """Return the measured joint positions [rad]."""

    @abstractmethod
    def joint_velocities(self) -> Float64[np.ndarray, " dof"]:
        """Return the measured joint velocities [rad/s]."""

    @abstractmethod
    def state(self) -> Float64[np.ndarray, " state"]:
        """Return the privileged state for local policies, such as the object's position [m]."""

    @abstractmethod
    def capture(self, width: int, height: int) -> UInt8[np.ndarray, "height width 3"]:
        """Return the camera's present image, RGB, resized."""

    def observe(self, size: int) -> UInt8[np.ndarray, "size size 3"]:
        """Return the square image that policies see; of the camera where a cell has no other."""
        return self.capture(size, size)

    @abstractmethod
    def home(self) -> None:
        """Move to the home joints, within the limits; returns when there."""

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
            NotConnected: before `connect`.
        """

    @abstractmethod
    def stop(self) -> None:
        """Stop motion: the arm holds where it is. May be called from any thread."""

    @abstractmethod
    def outcome(self) -> Outcome | None:
        """Return what the physics says about the present scene; None where only people can judge."""
