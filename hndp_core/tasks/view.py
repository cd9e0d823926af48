"""Where a fixed camera stands, and what its picture shows of a place. Needs no simulator."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from jaxtyping import Float64

Point = tuple[float, float, float]


@dataclass(frozen=True)
class View:
    """Where the fixed camera stands and what it looks at.

    Attributes:
        position_m: of the camera, in the robot's base frame.
        target_m: the point in the middle of the image.
        field_of_view_deg: height of the image as an angle.
    """

    position_m: Point
    target_m: Point
    field_of_view_deg: float

    def axes(self, up: Point = (0.0, 0.0, 1.0)) -> Float64[np.ndarray, "3 3"]:
        """Return the camera's right, up and back as columns; `up` points to the image's upper edge."""
        back = np.subtract(self.position_m, self.target_m)
        back /= np.linalg.norm(back)
        right = np.cross(up, back)
        right /= np.linalg.norm(right)
        return np.stack([right, np.cross(back, right), back], axis=1)

    def picture_of(
        self, places_m: Float64[np.ndarray, "places 3"], aspect: float
    ) -> Float64[np.ndarray, "places 2"]:
        """Return (u, v) of places before the camera: 0, 0 is the picture's upper left corner, 1, 1 the lower
        right one; outside of that the picture does not show them.

        Args:
            places_m: in the robot's base frame.
            aspect: width / height of the picture.
        """
        right, up, back = ((places_m - np.array(self.position_m)) @ self.axes()).T
        half_height = np.tan(np.radians(self.field_of_view_deg) / 2)
        u = (1 - right / (back * aspect * half_height)) / 2
        v = (1 + up / (back * half_height)) / 2
        return np.stack([u, v], axis=1)


TABLE_VIEW: Final = View((1.12, 0.0, 0.76), (0.55, 0.0, 0.08), 43.0)
"""From opposite the robot down at the workspace."""
