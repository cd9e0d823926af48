"""The Franka arm through panda-python, which commands it over the network without ROS.

Source of the calls: panda-python 1.1.1 (`panda_py`), its type stubs and the example `teaching`.
"""

import threading
from contextlib import suppress
from dataclasses import dataclass
from types import ModuleType
from typing import Any, Final

import numpy as np
from jaxtyping import Float64

from hndp_core.robots.arm_driver import ArmDriver, ArmReading, MissingDriver, StreamEnded
from hndp_core.robots.connection import NoGripper

_FILTER: Final = 0.1
"""Part of the way to a new command that the controller goes in each millisecond, a time constant of 9.5 ms.
All of it at once would be a jump of torque every 20 ms."""

_OPEN_M: Final = 0.08
_GRIPPER_SPEED_M_S: Final = 0.05
_GRASP_FORCE_N: Final = 40.0
_INSTALL: Final = "Install it with: pip install 'hndp-studio[panda-py]' (docs/cell.md, Real arm)."
_WAKE_IT: Final = (
    "Look at the arm: its brakes open, its stop released, FCI activated in Desk, and the cable to it in; "
    "then connect again."
)


@dataclass(frozen=True)
class _PandaPy:
    """What is used of panda-python."""

    panda_py: ModuleType
    controllers: ModuleType
    libfranka: ModuleType


def _import_panda_py() -> _PandaPy:
    """Import panda-python, which only who has the arm has.

    Raises:
        MissingDriver: it is not installed.
    """
    try:
        import panda_py  # pyright: ignore[reportMissingImports]
        import panda_py.controllers as controllers  # pyright: ignore[reportMissingImports]
        import panda_py.libfranka as libfranka  # pyright: ignore[reportMissingImports]
    except ImportError as error:
        raise MissingDriver("panda-python", str(error), _INSTALL) from error
    return _PandaPy(panda_py, controllers, libfranka)


class PandaPyDriver(ArmDriver):
    """Commands the arm by panda-python's joint controller, which runs at 1 kHz in this process."""

    def __init__(self, hostname: str, gripper: bool = False) -> None:
        """Take what is needed; nothing is connected yet.

        Args:
            hostname: name or address of the arm's control unit.
            gripper: whether the arm has Franka's hand.
        """
        self._hostname = hostname
        self._has_gripper = gripper
        self._library: _PandaPy | None = None
        self._panda: Any = None
        self._gripper: Any = None
        self._controller: Any = None
        self._limp_until: threading.Timer | None = None
        self._switching = threading.Lock()
        """Two threads must not start or end a controller at once: a clock's, and whoever asks."""

    def open(self) -> None:
        """Connect to the control unit."""
        self._library = self._library or _import_panda_py()
        self._panda = self._library.panda_py.Panda(self._hostname)
        self._gripper = self._library.libfranka.Gripper(self._hostname) if self._has_gripper else None

    def close(self) -> None:
        """Let the arm hold its joints, and give the connection up: the control unit has only one."""
        try:
            self.hold()
        finally:
            self._panda = self._gripper = None

    def remedy(self, error: Exception) -> str:
        """Say where to look."""
        return _WAKE_IT

    def read(self) -> ArmReading:
        """Take the newest state; without a controller the arm is asked for one."""
        state = self._panda.get_state()
        return ArmReading(np.array(state.q, float), np.array(state.dq, float))

    def begin_stream(self, start: Float64[np.ndarray, " dof"], duration_s: float) -> None:
        """Start the joint controller, which holds where the arm is until it is told otherwise."""
        assert self._library is not None
        self._controller = self._library.controllers.JointPosition(filter_coeff=_FILTER)
        with self._switching:
            self._panda.start_controller(self._controller)

    def command(self, joints: Float64[np.ndarray, " dof"], velocities: Float64[np.ndarray, " dof"]) -> None:
        """Give the controller a new aim."""
        self._panda.raise_error()
        if not self._panda.is_moving():
            raise StreamEnded
        self._controller.set_control(joints, velocities)

    def end_stream(self) -> None:
        """End the controller; the arm then holds its joints by itself."""
        with self._switching:
            self._panda.stop_controller()
        self._panda.raise_error()

    def give_way(self, duration_s: float) -> None:
        """Start teaching mode, and a clock that ends it: it would go on for ever."""
        with self._switching:
            self._panda.teaching_mode(True)
            self._limp_until = threading.Timer(duration_s, self._time_is_over)
            self._limp_until.daemon = True
            self._limp_until.start()

    def hold(self) -> None:
        """End teaching mode."""
        with self._switching:
            limp, self._limp_until = self._limp_until, None
            if limp is not None:
                limp.cancel()
                self._panda.teaching_mode(False)
                self._panda.raise_error()

    def yields(self) -> bool:
        """Whether teaching mode runs."""
        self._panda.raise_error()
        return self._limp_until is not None and self._panda.is_moving()

    def grip(self, close: bool) -> None:
        """Open or close the hand; panda-python returns when it has."""
        if self._gripper is None:
            raise NoGripper
        if close:
            # Whatever is between the fingers counts as grasped, however wide it is.
            self._gripper.grasp(0.0, _GRIPPER_SPEED_M_S, _GRASP_FORCE_N, _OPEN_M, _OPEN_M)
        else:
            self._gripper.move(_OPEN_M, _GRIPPER_SPEED_M_S)

    def _time_is_over(self) -> None:
        with suppress(Exception):  # nobody listens here; who asks the arm next hears of it
            self.hold()
