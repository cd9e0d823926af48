"""Stands in for rendered tables: a bright square on dark noise, whose place is the position."""

import numpy as np

from hndp_core.experiments.pose import PoseSet

METRES_PER_PIXEL = 0.005


def square_scenes(count: int, seed: int, *, label_error_m: float = 0.0) -> PoseSet:
    generator = np.random.default_rng(seed)
    corners = generator.integers(20, 66, (count, 2))
    images = generator.integers(0, 60, (count, 96, 96, 3), dtype=np.uint8)
    for image, (column, row) in zip(images, corners, strict=True):
        image[row : row + 10, column : column + 10] = 220
    exact = METRES_PER_PIXEL * corners
    return PoseSet(images, exact + generator.normal(0.0, label_error_m, (count, 2)), exact)
