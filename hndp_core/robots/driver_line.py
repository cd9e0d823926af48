"""The line to a driver: it is open, closed, or lost with a reason."""

from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

from hndp_core.robots.arm_driver import ArmDriver, MissingDriver
from hndp_core.robots.connection import ArmRefused, Connection, NoGripper, NotConnected, RobotLost
from hndp_core.robots.patience import GivenUp, NoAnswer, WatchedThread, answer_within

_Answer = TypeVar("_Answer")


class DriverLine:
    """Asks a driver, and takes whatever goes wrong as the loss of the arm: nothing is asked after it.

    Args:
        driver: to be asked.
        timeout_s: an arm that does not answer for this long is lost.
    """

    def __init__(self, driver: ArmDriver, timeout_s: float) -> None:
        self._driver = driver
        self.timeout_s = timeout_s
        self._open = False
        self._lost: RobotLost | None = None

    @property
    def connection(self) -> Connection:
        """Its state. May be read from any thread."""
        lost = self._lost
        if lost is not None:
            return Connection("lost", str(lost))
        return Connection("connected" if self._open else "disconnected")

    @property
    def is_open(self) -> bool:
        """Whether the driver was opened and not closed since, lost or not."""
        return self._open

    def open(self) -> None:
        """Open the driver on the caller's thread, however long it takes: it may need the main thread.

        Raises:
            MissingDriver: the arm's software is not installed.
            RobotLost: the arm cannot be reached.
        """
        try:
            self._driver.open()
        except (MissingDriver, RobotLost):
            raise
        except Exception as error:
            raise self._loss(error) from error
        self._lost, self._open = None, True

    def close(self) -> None:
        """Close the driver; one that is lost cannot be told."""
        self._open, self._lost = False, None
        self.tell(self._driver.close)

    def tell(self, act: Callable[[], None]) -> None:
        """Say something to the driver that may not hear it any more."""
        with suppress(Exception):
            answer_within(self._driver.greatest_end_s, act)

    def ask(self, ask: Callable[[], _Answer], timeout_s: float | None = None) -> _Answer:
        """Return what the driver answers.

        Raises:
            RobotLost: the driver failed or did not answer in time, now or before.
            ArmRefused, NoGripper: it says so; the arm is not lost.
            NotConnected: it is closed.
        """
        self.require()
        try:
            return answer_within(self.timeout_s if timeout_s is None else timeout_s, ask)
        except (ArmRefused, NoGripper, GivenUp):
            raise
        except Exception as error:
            raise self._lose(error) from error

    def watch(self, work: Callable[[], _Answer]) -> _Answer:
        """Do work that asks the driver many questions, in a thread of its own.

        Raises:
            RobotLost: one of them was not answered in time.
        """
        try:
            return WatchedThread(work).outcome()
        except NoAnswer as error:
            raise self._lose(error) from error

    def require(self) -> None:
        """Refuse to go on without a driver that can be asked.

        Raises:
            NotConnected: it is closed.
            RobotLost: it was lost.
        """
        if not self._open:
            raise NotConnected
        if self._lost is not None:
            raise RobotLost(self._lost.reason, self._lost.remedy)

    def _lose(self, error: Exception) -> RobotLost:
        lost = self._loss(error)
        if self._lost is None:
            self._lost = lost
        return lost

    def _loss(self, error: Exception) -> RobotLost:
        return RobotLost(str(error).rstrip(".") or type(error).__name__, self._driver.remedy(error))
