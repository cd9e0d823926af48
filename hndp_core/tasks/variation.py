"""Natural scene variation (H-NDP Sec. IV-A): what differs between two resets of one region."""

from dataclasses import dataclass, fields
from math import pi
from typing import Self

import numpy as np

from hndp_core.errors import InvalidSetting

Vector = tuple[float, float, float]

_SEEDS = 2**31


@dataclass(frozen=True)
class VariationRange:
    """How much two resets of one region may differ; deviations are of normal draws clipped at twice theirs.

    Attributes:
        object_shift_sigma_m: deviation of the object's shift [m], in x and y.
        object_turn_limit_rad: the object is turned by at most this, evenly drawn [rad].
        camera_shift_sigma_m: deviation of the camera's shift [m], in each direction.
        camera_turn_sigma_rad: deviation of the camera's rotation [rad], about each axis.
        light_shift_sigma_m: deviation of the lamp's shift [m], in each direction.
        brightness_low: least factor on the lamp's intensity.
        brightness_high: greatest factor on it.
        tool_shift_sigma_m: deviation of the tool's shift in the hand [m], in each direction.
        distractors: number of things on the table that have nothing to do with the task.
    """

    object_shift_sigma_m: float = 0.003
    object_turn_limit_rad: float = pi
    camera_shift_sigma_m: float = 0.003
    camera_turn_sigma_rad: float = 0.004
    light_shift_sigma_m: float = 0.1
    brightness_low: float = 0.8
    brightness_high: float = 1.15
    tool_shift_sigma_m: float = 0.0
    distractors: int = 0

    def __post_init__(self) -> None:
        for each in fields(self):
            if getattr(self, each.name) < 0:
                raise InvalidSetting(each.name, getattr(self, each.name), "use 0 or more")
        if self.brightness_low > self.brightness_high:
            raise InvalidSetting("brightness_low", self.brightness_low, "use at most brightness_high")


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
        tool_shift_m: shift of the tool in the hand's frame [m].
        hand_seed: which demonstration of the level's hand; None: a perfectly steady one.
        distractor_seed: which things lie about, as many as the level has; None: the table is empty.
    """

    object_shift_m: tuple[float, float] = (0.0, 0.0)
    object_turn_rad: float = 0.0
    camera_shift_m: Vector = (0.0, 0.0, 0.0)
    camera_turn_rad: Vector = (0.0, 0.0, 0.0)
    light_shift_m: Vector = (0.0, 0.0, 0.0)
    light_brightness: float = 1.0
    tool_shift_m: Vector = (0.0, 0.0, 0.0)
    hand_seed: int | None = None
    distractor_seed: int | None = None

    @classmethod
    def none(cls) -> Self:
        """Return the nominal scene, and a steady hand."""
        return cls()

    @classmethod
    def sample(cls, seed: int, within: VariationRange) -> Self:
        """Draw a variation; equal arguments give equal variations."""
        generator = np.random.default_rng(seed)

        def normal(sigma: float, size: int) -> np.ndarray:
            return np.clip(sigma * generator.standard_normal(size), -2 * sigma, 2 * sigma)

        def vector(sigma: float) -> Vector:
            x, y, z = normal(sigma, 3)
            return float(x), float(y), float(z)

        shift_x, shift_y = normal(within.object_shift_sigma_m, 2)
        turn_limit = within.object_turn_limit_rad
        return cls(
            object_shift_m=(float(shift_x), float(shift_y)),
            object_turn_rad=float(generator.uniform(-turn_limit, turn_limit)),
            camera_shift_m=vector(within.camera_shift_sigma_m),
            camera_turn_rad=vector(within.camera_turn_sigma_rad),
            light_shift_m=vector(within.light_shift_sigma_m),
            light_brightness=float(generator.uniform(within.brightness_low, within.brightness_high)),
            # New draws go to the end: those before keep their numbers.
            tool_shift_m=vector(within.tool_shift_sigma_m),
            hand_seed=int(generator.integers(_SEEDS)),
            distractor_seed=int(generator.integers(_SEEDS)),
        )
