"""A small stand-in for scooping: a smooth joint path follows from the state, the image shows the state."""

import numpy as np

from hndp_core.hierarchy.datasets import DemonstrationSet, RolloutSet

SIZE, STEPS, DOF = 32, 25, 2


def states(count: int, seed: int = 0) -> np.ndarray:
    """(count, 2) positions [m] in the unit square's middle."""
    return np.random.default_rng(seed).uniform(0.2, 0.8, (count, 2))


def image(state: np.ndarray) -> np.ndarray:
    """(SIZE, SIZE, 3) uint8: a bright blob at the state's place."""
    row, column = np.mgrid[0:SIZE, 0:SIZE] / (SIZE - 1)
    blob = np.exp(-((row - state[0]) ** 2 + (column - state[1]) ** 2) / 0.02)
    return (255 * np.stack([blob, 0.5 * blob, 1.0 - blob], axis=-1)).astype(np.uint8)


def path(state: np.ndarray, start: np.ndarray) -> np.ndarray:
    """(STEPS, DOF) joint path [rad] from start towards the state, with a bend on the way."""
    time = np.arange(1, STEPS + 1)[:, None] / STEPS
    blend = time**2 * (3.0 - 2.0 * time)
    return start + blend * (state - start) + 0.1 * np.sin(np.pi * time) * state[::-1]


def demonstrations(count: int = 6, seed: int = 0) -> DemonstrationSet:
    """One demonstration for each of `count` regions."""
    places = states(count, seed)
    starts = np.zeros((count, DOF))
    return DemonstrationSet(
        regions=np.arange(1, count + 1),
        images=np.stack([image(place) for place in places]),
        states=places,
        starts=starts,
        trajectories=np.stack([path(place, start) for place, start in zip(places, starts, strict=True)]),
    )


def rollouts(demonstrated: DemonstrationSet, iteration: int = 1, seed: int = 1) -> RolloutSet:
    """One start observation per region, its object shifted a little."""
    shifts = 0.01 * np.random.default_rng(seed).standard_normal(demonstrated.states.shape)
    places = demonstrated.states + shifts
    return RolloutSet(
        regions=demonstrated.regions,
        iterations=np.full(len(demonstrated), iteration),
        images=np.stack([image(place) for place in places]),
        states=places,
        starts=demonstrated.starts,
    )
