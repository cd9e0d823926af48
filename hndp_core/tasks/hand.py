"""The hand that guides the arm in a demonstration: no two of a person's demonstrations are alike."""

from dataclasses import dataclass, fields
from math import pi, sqrt

import numpy as np
from jaxtyping import Float64

from hndp_core.errors import InvalidSetting
from hndp_core.seeding import seed_for

_WAVES = 3
_SLOWEST_CYCLES, _FASTEST_CYCLES = 0.4, 2.0
"""Of the waves that a deviation is made of, in one demonstration."""


@dataclass(frozen=True)
class Hand:
    """How unsteadily a demonstration is given. All zero: the scripted teacher's own path.

    Attributes:
        tremor_rad: deviation of each joint from the intended path, slowly varying [rad].
        speed_spread: relative deviation of the pace from the intended one, slowly varying.
    """

    tremor_rad: float = 0.0
    speed_spread: float = 0.0

    def __post_init__(self) -> None:
        for each in fields(self):
            if not 0 <= getattr(self, each.name) < 1:
                raise InvalidSetting(each.name, getattr(self, each.name), "use 0 or more, below 1")


def guide(
    path: Float64[np.ndarray, "steps dof"], start: Float64[np.ndarray, " dof"], hand: Hand, seed: int
) -> Float64[np.ndarray, "steps dof"]:
    """Return the path [rad] as a hand would show it; equal arguments give equal paths.

    It begins at `start` at rest and ends at rest in the same number of steps. Who is slow hurries
    towards the end; who is quick waits there.

    Args:
        path: intended joint positions, evenly timed; it ends at rest.
        start: joint positions one step before it.
        hand: how unsteady it is.
        seed: which demonstration of that hand.
    """
    if hand == Hand():
        return path
    steps, dof = path.shape
    times = np.arange(1, steps + 1) / steps
    pace_source = np.random.default_rng(seed_for(seed, "pace"))
    pace = np.exp(hand.speed_spread * _wander(times, 1, pace_source)[:, 0])
    shown = np.cumsum(pace) / steps
    shown = np.minimum(shown / min(1.0, shown[-1]), 1.0)

    eased = np.concatenate([[0.0], times**3 * (10 - 15 * times + 6 * times**2)])
    wander = _wander(eased, dof, np.random.default_rng(seed_for(seed, "tremor")))
    # Two independent values of a wander differ by sqrt(2) of its deviation.
    tremor = hand.tremor_rad / sqrt(2) * (wander[1:] - wander[0])
    return _at(np.vstack([start, path]), shown * steps) + tremor


def _wander(
    times: Float64[np.ndarray, " steps"], columns: int, generator: np.random.Generator
) -> Float64[np.ndarray, "steps columns"]:
    """Return smooth random functions of time (0 to 1), of mean 0 and deviation 1 over all draws."""
    cycles = generator.uniform(_SLOWEST_CYCLES, _FASTEST_CYCLES, (_WAVES, columns))
    phase = generator.uniform(0.0, 2 * pi, (_WAVES, columns))
    return sqrt(2 / _WAVES) * np.sin(2 * pi * times[:, None, None] * cycles + phase).sum(axis=1)


def _at(
    path: Float64[np.ndarray, "points dof"], places: Float64[np.ndarray, " steps"]
) -> Float64[np.ndarray, "steps dof"]:
    """Return the path between its points, by cubic Hermite pieces: straight ones would jerk."""
    slopes = np.gradient(path, axis=0)
    before = np.minimum(places.astype(int), len(path) - 2)
    s = (places - before)[:, None]
    left = (1 + 2 * s) * path[before] + s * slopes[before]
    right = (3 - 2 * s) * path[before + 1] - (1 - s) * slopes[before + 1]
    return (1 - s) ** 2 * left + s**2 * right
