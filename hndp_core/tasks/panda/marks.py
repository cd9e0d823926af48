"""Lines in an image that are no part of the physics: ink, and what is printed on things."""

import numpy as np
from jaxtyping import Float64

from hndp_core.tasks.panda.simulator import VisualScene, mujoco
from hndp_core.tasks.panda.solid import Colour


def draw_line(
    scene: VisualScene, points_m: Float64[np.ndarray, "points 3"], radius_m: float, rgba: Colour
) -> None:
    """Add a line through the points [m] to an image; a single point is a dot.

    What no longer fits the image's list of shapes is left out.
    """
    size, place, turn = np.zeros(3), np.zeros(3), np.eye(3).ravel()
    colour = np.array(rgba, np.float32)
    ends = points_m[1:] if len(points_m) > 1 else points_m
    for begin, end in zip(points_m, ends, strict=False):
        if scene.ngeom >= scene.maxgeom:
            return
        geom = scene.geoms[scene.ngeom]
        mujoco.mjv_initGeom(geom, mujoco.mjtGeom.mjGEOM_CAPSULE, size, place, turn, colour)
        mujoco.mjv_connector(geom, mujoco.mjtGeom.mjGEOM_CAPSULE, radius_m, begin, end)
        scene.ngeom += 1
