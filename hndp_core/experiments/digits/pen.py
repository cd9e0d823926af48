"""The motion of a pen through key points, and how one writer's hand differs from another's."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from hndp_core.tasks.handwriting.stroke import stroke

DURATION_S, DT_S = 3.0, 0.01
SAMPLES = round(DURATION_S / DT_S) + 1
IMAGE_PX = 40
_BOX_UNITS_PER_IMAGE = 7.0


def minimum_jerk(time: Float[np.ndarray, " samples"]) -> Float[np.ndarray, " samples"]:
    """Share of the way that a point-to-point motion of least jerk has covered at a share of its time."""
    return time**3 * (10.0 - 15.0 * time + 6.0 * time**2)


def pen_motion(points: Float[np.ndarray, "points 2"]) -> Float[np.ndarray, "samples 2"]:
    """The stroke through the points in minimum-jerk timing, at rest at both ends."""
    return stroke(points, minimum_jerk(np.linspace(0.0, 1.0, SAMPLES)))


def to_pixels(motion: Float[np.ndarray, "samples 2"]) -> Float[np.ndarray, "samples 2"]:
    """From the digits' box (y up) to image coordinates (column, row) [px]; (20, 20) is the image's centre."""
    return motion * np.array([1.0, -1.0]) * (IMAGE_PX / _BOX_UNITS_PER_IMAGE) + IMAGE_PX / 2


@dataclass(frozen=True)
class Handwriting:
    """How far writers differ; every value is half the width of a uniform distribution around the norm."""

    key_point: float = 0.25
    """Displacement of each key point in x and y, in units of the digits' box; its deviation is 0.14."""
    rotation_deg: float = 8.0
    shift_px: float = 3.0
    scale: float = 0.1
    shear: float = 0.1


def write(
    points: Float[np.ndarray, "points 2"], handwriting: Handwriting, generator: np.random.Generator
) -> Float[np.ndarray, "samples 2"]:
    """One writer's motion through these key points, as (column, row) [px]."""
    moved = points + generator.uniform(-handwriting.key_point, handwriting.key_point, points.shape)
    angle = np.deg2rad(generator.uniform(-handwriting.rotation_deg, handwriting.rotation_deg))
    scale = 1.0 + generator.uniform(-handwriting.scale, handwriting.scale)
    shear = generator.uniform(-handwriting.shear, handwriting.shear)
    shift = generator.uniform(-handwriting.shift_px, handwriting.shift_px, 2)
    rotated = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    affine = scale * rotated @ np.array([[1.0, shear], [0.0, 1.0]])
    centre = IMAGE_PX / 2
    return (to_pixels(pen_motion(moved)) - centre) @ affine.T + centre + shift
