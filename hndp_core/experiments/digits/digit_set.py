"""Sets of digits: for each an image, the motion that wrote it, and which digit it is."""

from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from jaxtyping import Float32, Int64, UInt8

from hndp_core.errors import InvalidSetting
from hndp_core.experiments.digits.brush import ink
from hndp_core.experiments.digits.pen import IMAGE_PX, SAMPLES, Handwriting, write
from hndp_core.seeding import seed_for
from hndp_core.tasks.handwriting.key_points import CLASSES, key_points

Split = Literal["train", "test"]


@dataclass(frozen=True)
class DigitSettings:
    """What is generated.

    Raises:
        InvalidSetting: a count is no multiple of the ten classes.
    """

    seed: int = 0
    train: int = 10_000
    test: int = 2_000
    handwriting: Handwriting = field(default_factory=Handwriting)

    def __post_init__(self) -> None:
        for split in ("train", "test"):
            count = getattr(self, split)
            if count < CLASSES or count % CLASSES:
                raise InvalidSetting(
                    split, count, f"use a multiple of {CLASSES}, so that all digits are as many"
                )


@dataclass(frozen=True, eq=False)
class DigitSet:
    """Digits 0, 1, ..., 9, 0, 1, ... in turn."""

    images: UInt8[np.ndarray, "digit 40 40"]
    trajectories: Float32[np.ndarray, "digit 301 2"]
    """(column, row) [px], the first the start."""
    labels: Int64[np.ndarray, " digit"]

    def __len__(self) -> int:
        return len(self.labels)


def generate_digits(settings: DigitSettings, split: Split) -> DigitSet:
    """Write one split; each digit depends on the seed, the split and its number alone."""
    count = settings.train if split == "train" else settings.test
    labels = np.arange(count, dtype=np.int64) % CLASSES
    images = np.empty((count, IMAGE_PX, IMAGE_PX), np.uint8)
    trajectories = np.empty((count, SAMPLES, 2), np.float32)
    for index, label in enumerate(labels):
        generator = np.random.default_rng(seed_for(settings.seed, "digits", split, index))
        motion = write(key_points(int(label)), settings.handwriting, generator)
        images[index], trajectories[index] = ink(motion), motion
    return DigitSet(images, trajectories, labels)
