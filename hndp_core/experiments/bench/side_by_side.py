"""Times of several ways to do the same, in turn, so that whatever else the machine does meets all of them."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float


@dataclass(frozen=True, eq=False)
class Timing:
    """How long each call of one way took."""

    seconds: Float[np.ndarray, " calls"]

    @property
    def least_s(self) -> float:
        """The call that other programs disturbed least: what the ways are compared by."""
        return float(self.seconds.min())

    @property
    def median_s(self) -> float:
        """The usual call on this machine as busy as it was."""
        return float(np.median(self.seconds))


def side_by_side(
    ways: Mapping[str, Callable[[], object]], *, rounds: int, turn_s: float
) -> dict[str, Timing]:
    """Let each way run for `turn_s` in each round, at least once, after one call that does not count.

    A turn of many calls keeps a quick way's data in the cache that a slow one would have cleared.
    """
    for way in ways.values():
        way()
    taken: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, way in ways.items():
            turn_began = time.perf_counter()
            now = turn_began
            while now - turn_began < turn_s or now == turn_began:
                began = time.perf_counter()
                way()
                now = time.perf_counter()
                taken[name].append(now - began)
    return {name: Timing(np.array(seconds)) for name, seconds in taken.items()}
