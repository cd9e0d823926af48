"""Finds the demonstration that does not belong: one flipped elbow spoils the scaling for all regions."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from hndp_core.errors import HndpError
from hndp_core.hierarchy.datasets import DemonstrationSet

MAD_TO_DEVIATION = 1.4826
"""Median absolute deviation of a normal distribution, inverted."""

_LAG_SHARE = 1 / 8
"""Part of a demonstration by which a person may be ahead or behind: pace alone makes none doubtful."""

LEAST_DOUBTED_RAD = 0.45
"""Good demonstrations in the corners of a layout are off by up to 0.32 rad, since no path is quite affine in
the place and the others predict a corner from one side alone; a demonstration of the opposite corner is off
by 0.8 rad or more. Measured on train regions of scooping and pouring, steady and by an unsteady hand."""


@dataclass(frozen=True)
class DemonstrationDoubt:
    """One demonstration that stands apart from what its neighbours' states predict."""

    region: int
    joint: int
    time_step: int
    residual_rad: float
    usual_rad: float

    def __str__(self) -> str:
        return (
            f"The demonstration of region {self.region} stands apart: joint {self.joint} is "
            f"{self.residual_rad:.2f} rad from what the other regions suggest at step {self.time_step} "
            f"(usual: {self.usual_rad:.3f} rad). Record it again."
        )


class DoubtfulDemonstrations(HndpError):
    """Demonstrations that would spoil the training of all regions."""

    def __init__(self, doubts: Sequence[DemonstrationDoubt]) -> None:
        super().__init__(" ".join(str(doubt) for doubt in doubts))
        self.doubts = tuple(doubts)


def check_demonstrations(demonstrations: DemonstrationSet) -> None:
    """Refuse to train on demonstrations one of which stands apart.

    Raises:
        DoubtfulDemonstrations: names regions and joints, see `doubtful_demonstrations`.
    """
    doubts = doubtful_demonstrations(demonstrations)
    if doubts:
        raise DoubtfulDemonstrations(doubts)


def doubtful_demonstrations(
    demonstrations: DemonstrationSet, *, deviations: float = 6.0, least_rad: float = LEAST_DOUBTED_RAD
) -> list[DemonstrationDoubt]:
    """Demonstrations whose joint path differs from an affine prediction by the other regions' states.

    Each demonstration is predicted by a least-absolute affine map from state to path that is
    fitted to the other demonstrations, so that neither itself nor one other outlier bends the prediction.
    What counts is the way, not the pace: each moment is held against the nearest one of the prediction
    about that time.

    Args:
        demonstrations: all accepted ones; fewer than S + 4 are not judged
        deviations: robust deviations of the usual residual beyond which one is doubted
        least_rad: residual below which nothing is doubted [rad]

    Returns:
        The doubtful ones, the worst first.
    """
    count, state_size = demonstrations.states.shape
    if count < state_size + 4:
        return []
    paths = demonstrations.trajectories.reshape(count, -1)
    inputs = np.column_stack([np.ones(count), demonstrations.states])
    shape = demonstrations.trajectories.shape[1:]
    residuals = np.stack(
        [
            _apart(paths[row].reshape(shape), _predicted(inputs, paths, row).reshape(shape)).ravel()
            for row in range(count)
        ]
    )
    worst = residuals.max(axis=1)
    usual = float(np.median(worst))
    spread = MAD_TO_DEVIATION * float(np.median(np.abs(worst - usual)))
    bound = max(least_rad, usual + deviations * spread)
    doubts = []
    for row in np.argsort(-worst):
        if worst[row] > bound:
            step, joint = divmod(int(residuals[row].argmax()), demonstrations.trajectories.shape[2])
            region = int(demonstrations.regions[row])
            doubts.append(DemonstrationDoubt(region, joint + 1, step, float(worst[row]), usual))
    return doubts


def _predicted(inputs: np.ndarray, paths: np.ndarray, row: int, rounds: int = 12) -> np.ndarray:
    """One path by the others: least absolute deviations by reweighted least squares."""
    others = np.arange(len(inputs)) != row
    weights = np.ones(others.sum())
    for _ in range(rounds):
        root = np.sqrt(weights)[:, None]
        solution, *_ = np.linalg.lstsq(inputs[others] * root, paths[others] * root, rcond=None)
        misfit = np.linalg.norm(paths[others] - inputs[others] @ solution, axis=1)
        weights = 1.0 / np.maximum(misfit, 1e-3)
    return inputs[row] @ solution


def _apart(path: np.ndarray, predicted: np.ndarray) -> np.ndarray:
    """|path - prediction| [T, dof], at the lag that brings all joints nearest, step by step."""
    steps = np.arange(len(path))
    most = int(len(path) * _LAG_SHARE)
    lagged = np.clip(steps + np.arange(-most, most + 1)[:, None], 0, len(path) - 1)
    apart = np.abs(path - predicted[lagged])
    return apart[np.linalg.norm(apart, axis=2).argmin(axis=0), steps]
