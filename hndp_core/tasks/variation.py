"""Natural scene variation (H-NDP Sec. IV-A): what differs between two resets of one region."""

from dataclasses import dataclass
from typing import Self

import numpy as np

Vector = tuple[float, float, float]

OBJECT_SHIFT_SIGMA_M = 0.003
OBJECT_SHIFT_LIMIT_M = 0.006
CAMERA_SHIFT_SIGMA_M = 0.003
CAMERA_TURN_SIGMA_RAD = 0.004
LIGHT_SHIFT_SIGMA_M = 0.1
LIGHT_BRIGHTNESS_RANGE = (0.8, 1.15)


@dataclass(frozen=True)
class SceneVariation:
    """One draw of the scene around a region's nominal configuration.

    Attributes:
        object_shift_m: (x, y) shift of the object from the region's position [m].
        object_turn_rad: turn of the object with its contents about the vertical [rad].
        camera_shift_m: shift of the camera in the base frame [m].
        camera_turn_rad: small rotation vector of the camera in its own frame [rad].
        light_shift_m: shift of the lamp in the base frame [m].
        light_brightness: factor on the lamp's intensity.
    """

    object_shift_m: tuple[float, float] = (0.0, 0.0)
    object_turn_rad: float = 0.0
    camera_shift_m: Vector = (0.0, 0.0, 0.0)
    camera_turn_rad: Vector = (0.0, 0.0, 0.0)
    light_shift_m: Vector = (0.0, 0.0, 0.0)
    light_brightness: float = 1.0

    @classmethod
    def none(cls) -> Self:
        """Return the nominal scene."""
        return cls()

    @classmethod
    def sample(cls, seed: int) -> Self:
        """Draw a variation; equal seeds give equal variations."""
        generator = np.random.default_rng(seed)

        def vector(sigma: float) -> Vector:
            x, y, z = np.clip(generator.normal(0.0, sigma, 3), -2 * sigma, 2 * sigma)
            return float(x), float(y), float(z)

        limit = OBJECT_SHIFT_LIMIT_M
        shift_x, shift_y = np.clip(generator.normal(0.0, OBJECT_SHIFT_SIGMA_M, 2), -limit, limit)
        return cls(
            object_shift_m=(float(shift_x), float(shift_y)),
            object_turn_rad=float(generator.uniform(-np.pi, np.pi)),
            camera_shift_m=vector(CAMERA_SHIFT_SIGMA_M),
            camera_turn_rad=vector(CAMERA_TURN_SIGMA_RAD),
            light_shift_m=vector(LIGHT_SHIFT_SIGMA_M),
            light_brightness=float(generator.uniform(*LIGHT_BRIGHTNESS_RANGE)),
        )
