"""Layouts: where the train and held-out regions of an experiment lie."""

import numpy as np
from jaxtyping import Float64

from hndp_core.errors import InvalidSetting
from hndp_core.seeding import seed_for
from hndp_core.tasks.region import NoRegions, Region
from hndp_core.tasks.workspace import Workspace

HELD_OUT_GAP_M = 0.025
"""Least distance of a held-out region from every other: nearer ones would test memory, not generalisation."""

TRAIN_GAP_M = 0.010
_CORNER_INSET_M = 0.015
_CANDIDATES = 2000


def spread_layout(workspace: Workspace, train: int, held_out: int, layout_seed: int) -> tuple[Region, ...]:
    """Spread regions over a workspace, the same ones for the same arguments.

    The first four train regions lie near the workspace's corners, so that held-out regions, drawn from
    the rectangle within, lie inside the hull of four or more train regions. Every further region is the
    one of many random candidates that is farthest from those before it.

    Raises:
        NoRegions: `train` is below 1.
        InvalidSetting: `held_out` is negative, or the regions would lie too close together.
    """
    if train < 1:
        raise NoRegions
    if held_out < 0:
        raise InvalidSetting("held_out", held_out, "use 0 or more held-out regions")
    generator = np.random.default_rng(seed_for(layout_seed, "layout"))
    low = np.array([workspace.x_min_m, workspace.y_min_m])
    high = np.array([workspace.x_max_m, workspace.y_max_m])
    points = _corners(low, high, generator)[:train]
    points = _spread(points, train - len(points), low, high, TRAIN_GAP_M, generator)
    inner_low, inner_high = low + _CORNER_INSET_M, high - _CORNER_INSET_M
    points = _spread(points, held_out, inner_low, inner_high, HELD_OUT_GAP_M, generator)
    places = [(round(float(x), 4), round(float(y), 4)) for x, y in points]
    return tuple(
        Region(number + 1, "train", x, y) if number < train else Region(number + 1 - train, "held_out", x, y)
        for number, (x, y) in enumerate(places)
    )


def _corners(
    low: Float64[np.ndarray, "2"], high: Float64[np.ndarray, "2"], generator: np.random.Generator
) -> Float64[np.ndarray, "4 2"]:
    corners = np.array([[low[0], low[1]], [high[0], high[1]], [low[0], high[1]], [high[0], low[1]]])
    inward = np.sign((low + high) / 2 - corners)
    return corners + inward * generator.uniform(0.0, _CORNER_INSET_M, (4, 2))


def _spread(
    points: Float64[np.ndarray, "before 2"],
    count: int,
    low: Float64[np.ndarray, "2"],
    high: Float64[np.ndarray, "2"],
    gap_m: float,
    generator: np.random.Generator,
) -> Float64[np.ndarray, "after 2"]:
    for _ in range(count):
        candidates = generator.uniform(low, high, (_CANDIDATES, 2))
        distances = np.linalg.norm(candidates[:, None] - points[None], axis=2).min(axis=1)
        best = int(np.argmax(distances))
        if distances[best] < gap_m:
            raise InvalidSetting("regions", len(points) + 1, "ask for fewer regions, the table is full")
        points = np.vstack([points, candidates[best]])
    return points
