"""The contract of a camera that looks at a real scene."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from types import TracebackType
from typing import Literal, Self

import numpy as np
from jaxtyping import UInt8

from hndp_core.errors import HndpError


class CameraLost(HndpError):
    """A camera that gives no pictures (any more)."""

    def __init__(self, name: str, reason: str, remedy: str) -> None:
        super().__init__(f"The camera {name} is lost: {reason}. {remedy}")
        self.name = name


@dataclass(frozen=True)
class CameraCondition:
    """How a camera does at this moment.

    Attributes:
        state: "lost" is one that was to be open and gives no pictures.
        problem: why it gives none and what to do about it, for people; empty while it does.
        resolution: width and height of its pictures [px]; None before the first.
        measured_hz: pictures a second over the last seconds; None before the second.
        age_s: age of the last picture; None before the first.
    """

    state: Literal["closed", "open", "lost"]
    problem: str
    resolution: tuple[int, int] | None
    measured_hz: float | None
    age_s: float | None


class Camera(ABC):
    """Gives the newest picture whenever it is asked."""

    @property
    @abstractmethod
    def name(self) -> str:
        """What people call it: the device or address, without a password."""

    @property
    @abstractmethod
    def resolution(self) -> tuple[int, int]:
        """Width and height of its pictures, once open [px].

        Raises:
            CameraLost: it is not open.
        """

    @property
    @abstractmethod
    def rate_hz(self) -> float:
        """Pictures a second that it claims to take, once open.

        Raises:
            CameraLost: it is not open.
        """

    @property
    @abstractmethod
    def condition(self) -> CameraCondition:
        """How it does. Answers at once, and may be asked from any thread."""

    @abstractmethod
    def open(self) -> None:
        """Start taking pictures; returns when there is one. An open camera stays, a lost one is opened anew.

        May be called from any thread; of two callers one waits for the other.

        Raises:
            CameraLost: it cannot be opened, or gives no picture.
            InvalidSetting: its picture is smaller than what was to be cut out of it.
        """

    @abstractmethod
    def read(self) -> UInt8[np.ndarray, "height width 3"]:
        """Return the newest picture, RGB, the caller's own. May be called from any thread.

        Raises:
            CameraLost: it was unplugged or stopped answering, or is not open.
        """

    @abstractmethod
    def close(self) -> None:
        """Stop taking pictures. Closing twice changes nothing."""

    def __enter__(self) -> Self:
        self.open()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
