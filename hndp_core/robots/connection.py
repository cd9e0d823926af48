"""Whether a robot can be commanded, and the errors that say why not."""

from dataclasses import dataclass
from typing import Literal

from hndp_core.errors import HndpError


@dataclass(frozen=True)
class Connection:
    """State of the line to a robot.

    Attributes:
        state: "lost" is a line that was there and failed; the robot must be connected anew.
        reason: why it was lost and what to do about it, for people; empty otherwise.
    """

    state: Literal["disconnected", "connected", "lost"]
    reason: str = ""


class NotConnected(HndpError):
    """A robot that was asked to act before `connect`, or after `disconnect`."""

    def __init__(self) -> None:
        super().__init__("The robot is not connected: call connect() first, or use it in a with statement.")


class RobotLost(HndpError):
    """A robot that no longer answers or follows; nothing is sent to it until it is connected anew."""

    def __init__(self, reason: str, remedy: str) -> None:
        super().__init__(f"The arm cannot be commanded: {reason}. {remedy}")
        self.reason = reason
        self.remedy = remedy


class RobotBusy(HndpError):
    """A robot that was asked for one thing while it does another."""

    def __init__(self, doing: str, remedy: str) -> None:
        super().__init__(f"The arm {doing}: {remedy}.")


class ArmRefused(HndpError):
    """A motion that the arm's own software does not accept; nothing has moved."""

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"The arm refused the motion: {reason}. Guide it by hand to where it is free, and home it."
        )


class NoGripper(HndpError):
    """A gripper was asked for where none is fitted."""

    def __init__(self) -> None:
        super().__init__("This robot has no gripper: its tool is fixed. Leave the gripper out of the motion.")


class NotGuided(HndpError):
    """A guided step after the guiding has ended, or before it began."""

    def __init__(self) -> None:
        super().__init__("The arm is not being guided (any more): call begin_guiding() first.")


class NothingPrepared(HndpError):
    """The state of a scene was asked for before anybody said what region it is."""

    def __init__(self) -> None:
        super().__init__("No region has been prepared: call prepare(region, variation) first.")
