"""A simulated arm in a cell with a camera: all that a camera does there, without an arm that can hurt."""

import numpy as np
from jaxtyping import Float64, UInt8

from hndp_core.robots.camera import Camera, CameraLost
from hndp_core.robots.picture import fit_picture
from hndp_core.robots.robot import Picture
from hndp_core.robots.simulated import SimulatedRobot
from hndp_core.tasks.camera_format import VIDEO_HEIGHT, VIDEO_WIDTH
from hndp_core.tasks.region import Region
from hndp_core.tasks.scene import Scene
from hndp_core.tasks.variation import SceneVariation


class FilmedRobot(SimulatedRobot):
    """The arm and the objects are simulated; pictures come of a camera, which sees whatever it sees."""

    def __init__(self, scene: Scene, camera: Camera, speed: float = 0.0) -> None:
        """Take what is needed; nothing is opened yet.

        Args:
            scene: that is simulated.
            camera: whose pictures stand in the place of rendered ones.
            speed: see `SimulatedRobot`.
        """
        super().__init__(scene, speed)
        self._camera = camera

    def connect(self) -> None:
        """Make arm and camera ready.

        Raises:
            CameraLost: the camera cannot be opened.
        """
        self._camera.open()
        super().connect()

    def disconnect(self) -> None:
        """Stop any motion and let go of renderer and camera."""
        super().disconnect()
        self._camera.close()

    def prepare(self, region: Region, variation: SceneVariation) -> None:
        """Lay out the scene for a rollout.

        Raises:
            CameraLost: it gives no pictures; nothing has moved.
        """
        self._require_connection()
        self._camera.open()  # one that was unplugged may be back
        super().prepare(region, variation)

    def capture(self, width: int, height: int) -> UInt8[np.ndarray, "height width 3"]:
        """Return the camera's present image, RGB: its middle, where it has another shape.

        Raises:
            CameraLost: it gives no pictures any more.
        """
        self._require_connection()
        return fit_picture(self._camera.read(), width, height)

    def capture_later(self, width: int, height: int) -> Picture:
        """Take the camera's present image."""
        image = self.capture(width, height)
        return lambda: image

    def observe(self, size: int) -> UInt8[np.ndarray, "size size 3"]:
        """Return the square image that policies see: the middle of the camera's."""
        return self.capture(size, size)

    def region_outline(self, region: Region) -> Float64[np.ndarray, "points 2"]:
        """Return no point: nobody has measured where the camera stands."""
        return np.empty((0, 2))

    def latest_frame(self) -> UInt8[np.ndarray, "height width 3"] | None:
        """Return the camera's present picture; None while there is none."""
        try:
            return fit_picture(self._camera.read(), VIDEO_WIDTH, VIDEO_HEIGHT)
        except CameraLost:
            return None

    def _take_when_due(self) -> None:
        """Draw nothing: the camera is looked through instead."""
