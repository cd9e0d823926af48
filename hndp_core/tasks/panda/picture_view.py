"""The geometry of a fixed camera's picture: from places in the robot's base frame to the picture and back."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from jaxtyping import Float64

from hndp_core.errors import HndpError
from hndp_core.tasks.panda.simulator import Data, Model


class NoPlaceThere(HndpError, ValueError):
    """A point of the picture behind which the plane does not lie."""

    def __init__(self, height_m: float) -> None:
        super().__init__(
            f"This point of the picture shows nothing at a height of {height_m:.3f} m: point at the table."
        )


@dataclass(frozen=True)
class PictureView:
    """A pinhole camera as MuJoCo has it, which looks along its own -z.

    Points of a picture are (u, v): 0, 0 is its upper left corner and 1, 1 its lower right one, so that they
    hold for every size at which it is shown.

    Attributes:
        position_m: of the camera.
        axes: its right, up and back, as columns.
        half_width: of the picture at distance 1.
        half_height: of the picture at distance 1.
    """

    position_m: Float64[np.ndarray, "3"]
    axes: Float64[np.ndarray, "3 3"]
    half_width: float
    half_height: float

    @classmethod
    def of_camera(cls, model: Model, data: Data, camera: str, aspect: float) -> Self:
        """Return the view of a model's camera as it stands now; `aspect` is width / height of the picture."""
        placed = data.camera(camera)
        half_height = float(np.tan(np.radians(model.camera(camera).fovy[0]) / 2))
        axes = placed.xmat.reshape(3, 3).copy()
        return cls(placed.xpos.copy(), axes, aspect * half_height, half_height)

    def place_at(self, u: float, v: float, height_m: float) -> tuple[float, float]:
        """Return x, y [m] of the place at a height that the picture shows at (u, v).

        Raises:
            NoPlaceThere: the line of sight does not meet that height in front of the camera.
        """
        ray = self.axes @ np.array([(2 * u - 1) * self.half_width, (1 - 2 * v) * self.half_height, -1.0])
        below_m = height_m - self.position_m[2]
        if ray[2] == 0 or below_m / ray[2] <= 0:
            raise NoPlaceThere(height_m)
        x, y, _ = self.position_m + ray * (below_m / ray[2])
        return float(x), float(y)

    def picture_of(self, place_m: Float64[np.ndarray, "3"]) -> tuple[float, float]:
        """Return (u, v) of a place before the camera [m]; outside 0 to 1 the picture does not show it."""
        right, up, back = self.axes.T @ (place_m - self.position_m)
        u = (1 + right / (-back * self.half_width)) / 2
        v = (1 - up / (-back * self.half_height)) / 2
        return float(u), float(v)
