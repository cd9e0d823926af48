"""panda-python and the control unit behind it, as its source says they act.

Signatures and behaviours are those of panda-python 1.1.1: controllers run in a thread of the library and keep
their errors until `raise_error` is asked, which says each once; a controller whose loop has failed still
counts as moving; teaching mode never ends by itself.
"""

import sys
import threading
import time
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest

from .fake_frankapy import HOME_JOINTS
from .lagging_arm import LaggingArm


class ControlUnit:
    """What happens at the other end of the cable.

    Attributes:
        reachable: whether the arm answers.
        failure: the last error of the control loop, until it has been raised.
        controller: the one that runs: a `JointPosition`, "teaching" or None.
        commands: (position, velocity) given to controllers.
        connections: number of `Panda` objects that were made.
        gripped: calls of the gripper.
    """

    def __init__(self) -> None:
        self.arm = LaggingArm(np.array(HOME_JOINTS))
        self.reachable = True
        self.failure = ""
        self.controller: Any = None
        self.commands: list[tuple[np.ndarray, np.ndarray]] = []
        self.connections = 0
        self.gripped: list[tuple[Any, ...]] = []
        self.stopping = threading.Lock()
        self.stop_takes_s = 0.002

    def fail(self, reason: str) -> None:
        """Break the control loop off."""
        self.failure = reason


def install(monkeypatch: pytest.MonkeyPatch) -> ControlUnit:
    """Make panda_py importable; return the control unit that it talks to."""
    unit = ControlUnit()

    class JointPosition:
        def __init__(self, stiffness: Any = None, damping: Any = None, filter_coeff: float = 1.0) -> None:
            assert 0 < filter_coeff <= 1

        def set_control(self, position: np.ndarray, velocity: np.ndarray | None = None) -> None:
            velocity = np.zeros(7) if velocity is None else velocity
            unit.commands.append((np.array(position), np.array(velocity)))
            if unit.controller is self and not unit.failure:
                unit.arm.aim(position)

    class Panda:
        def __init__(self, hostname: str, name: str = "panda", realtime_config: Any = None) -> None:
            if not unit.reachable:
                raise RuntimeError("libfranka: Connection to FCI refused. Please install FCI feature.")
            unit.connections += 1

        def get_state(self) -> Any:
            if not unit.reachable:
                raise RuntimeError("libfranka: UDP receive: Timeout")
            joints, velocities = unit.arm.read()
            return SimpleNamespace(q=joints.tolist(), dq=velocities.tolist())

        def is_moving(self) -> bool:
            return unit.controller is not None

        def raise_error(self) -> None:
            failure, unit.failure = unit.failure, ""
            if failure:
                raise RuntimeError(failure)

        def start_controller(self, controller: Any) -> None:
            self.stop_controller()
            self.get_state()
            unit.controller = controller

        def stop_controller(self) -> None:
            assert unit.stopping.acquire(blocking=False), "two threads joined the control thread at once"
            time.sleep(unit.stop_takes_s)
            unit.controller = None
            unit.stopping.release()

        def teaching_mode(self, active: bool, damping: Any = None) -> None:
            self.stop_controller()
            self.get_state()
            if active:
                unit.controller = "teaching"

    class Gripper:
        def __init__(self, franka_address: str) -> None:
            pass

        def move(self, width: float, speed: float) -> bool:
            unit.gripped.append(("move", width))
            return True

        def grasp(
            self,
            width: float,
            speed: float,
            force: float,
            epsilon_inner: float = 0.005,
            epsilon_outer: float = 0.005,
        ) -> bool:
            unit.gripped.append(("grasp", width, epsilon_outer))
            return True

    modules: dict[str, dict[str, Any]] = {
        "panda_py": {"Panda": Panda},
        "panda_py.controllers": {"JointPosition": JointPosition},
        "panda_py.libfranka": {"Gripper": Gripper},
    }
    for name, members in modules.items():
        module = ModuleType(name)
        vars(module).update(members)
        monkeypatch.setitem(sys.modules, name, module)
        parent, _, child = name.rpartition(".")
        if parent:
            setattr(sys.modules[parent], child, module)
    return unit
