"""Looks after the cell's camera: notices one that was unplugged, and that it is back."""

import threading
from typing import Final

import structlog

from app.cells.motion_guard import MotionGuard
from app.platform.stopping import StopSignal
from hndp_core.errors import HndpError
from hndp_core.robots.camera import Camera

LOOK_S: Final = 0.2
AGAIN_S: Final = 1.0
"""Time between two tries to open a camera that is lost."""

log = structlog.get_logger()


class CameraWatch:
    """Tells the guard when there is no picture, and opens a lost camera again until there is one.

    Args:
        camera: that the robot looks through
        guard: holds the arm while there is no picture
    """

    def __init__(self, camera: Camera, guard: MotionGuard) -> None:
        self._camera = camera
        self._guard = guard
        self._logged = ""

    def start(self, stop: StopSignal, look_s: float = LOOK_S, again_s: float = AGAIN_S) -> None:
        """Look regularly in a thread of its own until the process ends."""

        def look_regularly() -> None:
            while not stop.wait(look_s if self.look() else again_s):
                pass

        threading.Thread(target=look_regularly, name="camera watch", daemon=True).start()

    def look(self) -> bool:
        """Look once; return whether the camera gives pictures, or is not in use."""
        condition = self._camera.condition
        if condition.state == "lost":
            self._guard.go_blind(condition.problem)
            self._open_again()
            condition = self._camera.condition
        if condition.state == "open":
            self._logged = ""
            self._guard.see_again()
        return condition.state != "lost"

    def _open_again(self) -> None:
        try:
            self._camera.open()
        except HndpError as error:
            if str(error) != self._logged:  # once, and not at every try
                log.warning("the camera does not open", error=str(error))
            self._logged = str(error)
