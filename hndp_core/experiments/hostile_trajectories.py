"""Trajectories that no arm must execute, or must only just not: what the check before motion is tried on."""

from collections.abc import Callable, Iterator
from typing import Final

import numpy as np
from jaxtyping import Float64

from hndp_core.experiments.motion_oracle import below_table, self_collides
from hndp_core.robots.limits import PANDA_LIMITS
from hndp_core.seeding import seed_for

Start = Float64[np.ndarray, " 7"]
Rows = Float64[np.ndarray, "steps 7"]
Kind = Callable[[Start, float, np.random.Generator], object]

_STEPS: Final = 150
_LOW, _HIGH = PANDA_LIMITS.position_range()
_GREATEST: Final = tuple(
    np.array(limit) for limit in (PANDA_LIMITS.velocity, PANDA_LIMITS.acceleration, PANDA_LIMITS.jerk)
)


def hostile_trajectories(start: Start, rate_hz: float, count: int, seed: int) -> Iterator[tuple[str, object]]:
    """Draw so many, all kinds in turn, each with the name of its kind; equal arguments give equal ones.

    Not every one is unsafe: some graze a limit from inside, or end in a pose that happens to be safe.

    Args:
        start: where the arm stands [rad].
        rate_hz: at which they are to be streamed.
        count: how many.
        seed: which.
    """
    names = list(_KINDS)
    for number in range(count):
        name = names[number % len(names)]
        generator = np.random.default_rng(seed_for(seed, name, number))
        yield name, _KINDS[name](start, rate_hz, generator)


def way(start: Start, target: Start, steps: int) -> Rows:
    """Return a minimum-jerk way from one pose to another [rad]."""
    s = np.arange(1, steps + 1)[:, None] / steps
    return start + s**3 * (10 - 15 * s + 6 * s**2) * (target - start)


def slow_way(start: Start, target: Start, rate_hz: float, share: float = 0.5) -> Rows:
    """Return a minimum-jerk way that needs at most this share of the limits of velocity and acceleration."""
    turn = np.abs(target - start)
    by_velocity = np.max(1.875 * turn / (share * _GREATEST[0]))
    by_acceleration = np.sqrt(np.max(5.7736 * turn / (share * _GREATEST[1])))
    return way(start, target, max(10, int(np.ceil(rate_hz * max(by_velocity, by_acceleration)))))


def swing(start: Start, rate_hz: float, generator: np.random.Generator, reach_rad: float = 0.15) -> Rows:
    """Return slow random waves about a pose, which begin at rest: a motion that any check should pass."""
    t = np.arange(1, _STEPS + 1)[:, None] / rate_hz
    rise = np.minimum(t, 1.0) ** 3 * (10 - 15 * np.minimum(t, 1.0) + 6 * np.minimum(t, 1.0) ** 2)
    cycles, phase = generator.uniform(0.05, 0.3, 7), generator.uniform(0, 2 * np.pi, 7)
    waves = np.sin(2 * np.pi * cycles * t + phase) - np.sin(phase)
    return start + reach_rad / 2 * generator.uniform(0, 1, 7) * rise * waves


def _no_numbers(start: Start, rate_hz: float, generator: np.random.Generator) -> object:
    path = swing(start, rate_hz, generator)
    path[generator.integers(_STEPS), generator.integers(7)] = generator.choice([np.nan, np.inf, -np.inf])
    return path


def _jump(start: Start, rate_hz: float, generator: np.random.Generator) -> object:
    path = swing(start, rate_hz, generator)
    size = 10 ** generator.uniform(-3, 0.5) * generator.choice([-1, 1])
    path[generator.integers(_STEPS) :, generator.integers(7)] += size
    return path


def _noise(start: Start, rate_hz: float, generator: np.random.Generator) -> object:
    path = swing(start, rate_hz, generator)
    return path + generator.normal(0.0, 10 ** generator.uniform(-5, -1), path.shape)


def _grazed_difference(start: Start, rate_hz: float, generator: np.random.Generator) -> object:
    """A swing, scaled until one difference is an ulp or more beside its limit."""
    offset = swing(start, rate_hz, generator) - start
    order = int(generator.integers(1, 4))
    rest = np.vstack([np.zeros((order, 7)), offset])
    greatest = np.max(np.abs(np.diff(rest, n=order, axis=0)) * rate_hz**order / _GREATEST[order - 1])
    beyond = generator.choice([-1, 1]) * 2.0 ** generator.integers(-52, -20)
    return start + offset * ((1 + beyond) / greatest)


def _grazed_position(start: Start, rate_hz: float, generator: np.random.Generator) -> object:
    """A slow way of one joint to its limit, and an ulp or more beyond or before it."""
    target, joint = start.copy(), generator.integers(7)
    limit = generator.choice([_LOW[joint], _HIGH[joint]])
    outward = np.sign(limit - start[joint])
    target[joint] = limit
    path = slow_way(start, target, rate_hz)
    ulps = generator.choice([-1000, -1, 0, 1, 2, 1000])
    path[-1, joint] = limit + ulps * outward * np.spacing(abs(limit))
    return path


def _beyond_range(start: Start, rate_hz: float, generator: np.random.Generator) -> object:
    target, joint = start.copy(), generator.integers(7)
    side = generator.choice([-1, 1])
    target[joint] = (_HIGH if side > 0 else _LOW)[joint] + side * 10 ** generator.uniform(-9, 0)
    return slow_way(start, target, rate_hz)


def _hasty(start: Start, rate_hz: float, generator: np.random.Generator) -> object:
    """Somewhere within the range, in too little time or nearly so."""
    path = slow_way(start, generator.uniform(_LOW, _HIGH), rate_hz, share=1.0)
    return way(start, path[-1], max(1, int(len(path) * generator.uniform(0.1, 1.05))))


def _far_pose(start: Start, rate_hz: float, generator: np.random.Generator) -> object:
    return slow_way(start, generator.uniform(_LOW, _HIGH), rate_hz)


def _through_a_far_pose(start: Start, rate_hz: float, generator: np.random.Generator) -> object:
    """There and back: only the middle may be unsafe."""
    there = slow_way(start, generator.uniform(_LOW, _HIGH), rate_hz)
    return np.vstack([there, slow_way(there[-1], start, rate_hz)])


def _into_the_table(start: Start, rate_hz: float, generator: np.random.Generator) -> object:
    return slow_way(start, _pose_where(below_table, generator), rate_hz)


def _into_itself(start: Start, rate_hz: float, generator: np.random.Generator) -> object:
    return slow_way(start, _pose_where(self_collides, generator), rate_hz)


def _cut_off(start: Start, rate_hz: float, generator: np.random.Generator) -> object:
    """The way to an end of the range, ended at full speed: the arm must brake beyond the last row."""
    target, joint = start.copy(), generator.integers(7)
    side = generator.choice([-1, 1])
    target[joint] = (_HIGH if side > 0 else _LOW)[joint] + side * generator.uniform(0, 1)
    path = slow_way(start, target, rate_hz, share=generator.uniform(0.5, 1.0))
    inside = np.flatnonzero(((path >= _LOW) & (path <= _HIGH)).all(axis=1))
    return path[: max(1, inside[-1] + 1 - generator.integers(3))]


def _malformed(start: Start, rate_hz: float, generator: np.random.Generator) -> object:
    path = swing(start, rate_hz, generator)
    shapes: tuple[object, ...] = (
        path[:, :6],
        path.T,
        path[0],
        path[:0],
        path[None],
        np.hstack([path, path[:, :1]]),
        path.astype(complex),
        path.astype(str),
        path.astype(object),
        path > 0,
        [[*row] for row in path[:-1].tolist()] + [[0.0]],
        "trajectory",
        None,
        {"rows": path},
        np.float64(0.5),
        (row for row in path),
    )
    return shapes[generator.integers(len(shapes))]


def _pose_where(unsafe: Callable[[Rows], np.ndarray], generator: np.random.Generator) -> Start:
    while True:
        poses = generator.uniform(_LOW, _HIGH, (64, 7))
        found = poses[unsafe(poses)]
        if len(found):
            return found[0]


_KINDS: Final[dict[str, Kind]] = {
    "no numbers": _no_numbers,
    "jump": _jump,
    "noise": _noise,
    "grazed difference": _grazed_difference,
    "grazed position": _grazed_position,
    "beyond range": _beyond_range,
    "hasty": _hasty,
    "far pose": _far_pose,
    "through a far pose": _through_a_far_pose,
    "into the table": _into_the_table,
    "into itself": _into_itself,
    "cut off": _cut_off,
    "malformed": _malformed,
}
