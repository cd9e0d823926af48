"""What the software that comes with a real arm must do for `RealRobot`."""

from abc import ABC, abstractmethod
from typing import NamedTuple

import numpy as np
from jaxtyping import Float64

from hndp_core.errors import HndpError


class MissingDriver(HndpError, ImportError):
    """The software that commands an arm is not installed."""

    def __init__(self, package: str, reason: str, remedy: str) -> None:
        super().__init__(f"This arm needs {package}, which cannot be imported ({reason}). {remedy}")


class StreamEnded(HndpError):
    """The arm has ended a stream of commands by itself."""

    def __init__(self) -> None:
        super().__init__("it has ended the motion by itself")


class ArmReading(NamedTuple):
    """One measurement of the joints.

    Attributes:
        joints: positions [rad].
        velocities: velocities [rad/s].
    """

    joints: Float64[np.ndarray, " dof"]
    velocities: Float64[np.ndarray, " dof"]


class ArmDriver(ABC):
    """A thin layer over the software of one kind of arm.

    It translates and nothing else: limits, timing, stops and errors are the business of `RealRobot`, which
    takes whatever a method raises as the loss of the arm. Only `ArmRefused`, `MissingDriver` and `NoGripper`
    mean what they say. `RealRobot` lets one caller at a time in, but for `read`, `yields` and `grip`.

    Attributes:
        greatest_start_s: by then a stream, or the giving way, has begun.
        greatest_end_s: by then either has ended.
        greatest_gripping_s: by then the gripper has opened or closed.
    """

    greatest_start_s: float = 5.0
    greatest_end_s: float = 5.0
    greatest_gripping_s: float = 20.0

    @abstractmethod
    def open(self) -> None:
        """Connect to the arm. Called again after `close`, and only then.

        Raises:
            MissingDriver: the software is not installed; says how to get it.
        """

    @abstractmethod
    def close(self) -> None:
        """Let go of the arm."""

    @abstractmethod
    def remedy(self, error: Exception) -> str:
        """Return a sentence that says what a person can do about an error of this driver."""

    @abstractmethod
    def read(self) -> ArmReading:
        """Measure the joints. May be called from any thread, at any time."""

    @abstractmethod
    def begin_stream(self, start: Float64[np.ndarray, " dof"], duration_s: float) -> None:
        """Make the arm follow commands, from where it stands; returns when it does.

        Args:
            start: measured joints, the first command [rad].
            duration_s: the commands' planned duration; the stream must last longer.

        Raises:
            ArmRefused: the arm's own software does not accept the motion.
        """

    @abstractmethod
    def command(self, joints: Float64[np.ndarray, " dof"], velocities: Float64[np.ndarray, " dof"]) -> None:
        """Send the joints [rad] to be at, and the velocities [rad/s] to get there with; returns at once.

        Raises:
            StreamEnded: the arm no longer follows; nothing was sent.
        """

    @abstractmethod
    def end_stream(self) -> None:
        """End the stream; returns when the arm holds its joints by itself."""

    @abstractmethod
    def give_way(self, duration_s: float) -> None:
        """Make the arm give way to a hand, for this time at most; returns when it does."""

    @abstractmethod
    def hold(self) -> None:
        """End the giving way, if it is under way; returns when the arm holds its joints by itself."""

    @abstractmethod
    def yields(self) -> bool:
        """Whether the arm gives way now. May be called from any thread."""

    @abstractmethod
    def grip(self, close: bool) -> None:
        """Open or close the gripper; returns when it has.

        Raises:
            NoGripper: none is fitted.
        """
