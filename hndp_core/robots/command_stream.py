"""Commands to a real arm, one a period, so that it never knows more of a motion than its next step."""

from collections.abc import Callable
from typing import Final

import numpy as np
from jaxtyping import Float64

from hndp_core.robots.arm_driver import ArmDriver, ArmReading
from hndp_core.robots.connection import RobotLost
from hndp_core.robots.driver_line import DriverLine
from hndp_core.robots.pace import Pace, high_priority
from hndp_core.robots.robot import Execution, OnStep, ShouldStop

_SETTLING_STEPS: Final = 10


class CommandStream:
    """Streams checked commands to a driver, and leaves the arm at rest.

    Args:
        driver: of the arm.
        line: to that driver.
        rate_hz: commands a second.
        read: measures where the arm is.
    """

    def __init__(
        self, driver: ArmDriver, line: DriverLine, rate_hz: float, read: Callable[[], ArmReading]
    ) -> None:
        self._driver = driver
        self._line = line
        self._rate_hz = rate_hz
        self._read = read

    def follow(
        self,
        start: Float64[np.ndarray, " dof"],
        commands: Float64[np.ndarray, "steps dof"],
        must_hold: ShouldStop,
        on_step: OnStep | None,
    ) -> Execution:
        """Begin a stream, send the commands, and end it with the arm at rest.

        Args:
            start: joints before the first command [rad].
            commands: joints after each period [rad], which were checked.
            must_hold: asked before every command: whether to hold the arm and end the motion.
            on_step: called after every command.

        Raises:
            RobotLost: the driver failed or did not answer in time; nothing more is sent.
            ArmRefused: the arm's own software does not accept the motion; nothing has moved.
        """
        duration_s = len(commands) / self._rate_hz
        self._line.ask(lambda: self._driver.begin_stream(start, duration_s), self._driver.greatest_start_s)
        try:
            with high_priority():
                execution = self._send(start, commands, must_hold, on_step)
        except RobotLost:
            raise
        except BaseException:
            self._settle(self._read().joints)
            self._end()
            raise
        self._end()
        return execution

    def _send(
        self,
        start: Float64[np.ndarray, " dof"],
        commands: Float64[np.ndarray, "steps dof"],
        must_hold: ShouldStop,
        on_step: OnStep | None,
    ) -> Execution:
        """Send one command a period, and measure where it has led when the period ends."""
        measured, sent_s = np.empty_like(commands), np.empty(len(commands))
        velocities = np.diff(commands, axis=0, prepend=start[None]) * self._rate_hz
        pace = Pace(self._rate_hz)
        for step, command in enumerate(commands):
            if must_hold():
                self._settle(self._read().joints)
                return Execution(measured[:step].copy(), True, sent_s[:step].copy())
            sent_s[step] = pace.passed_s()
            self._command(command, velocities[step])
            pace.wait()
            measured[step] = self._read().joints
            if on_step is not None:
                on_step(step, measured[step].copy())
        self._settle(commands[-1])
        return Execution(measured, False, sent_s)

    def _settle(self, joints: Float64[np.ndarray, " dof"]) -> None:
        """Command the same joints until the arm rests there."""
        pace = Pace(self._rate_hz)
        for _ in range(_SETTLING_STEPS):
            self._command(joints, np.zeros_like(joints))
            pace.wait()

    def _command(self, joints: Float64[np.ndarray, " dof"], velocities: Float64[np.ndarray, " dof"]) -> None:
        self._line.ask(lambda: self._driver.command(joints, velocities))

    def _end(self) -> None:
        self._line.ask(self._driver.end_stream, self._driver.greatest_end_s)
