"""What is reached without learning from images: measures beside which a network's loss means something."""

import numpy as np
from jaxtyping import Float

from hndp_core.experiments.digits.digit_set import DigitSet
from hndp_core.motion import ClosedForm, DmpConfig, OrthonormalBasis
from hndp_core.tasks.handwriting.key_points import CLASSES


def loss_px2(found: Float[np.ndarray, "digit 301 2"], wanted: Float[np.ndarray, "digit 301 2"]) -> float:
    """Squared distance per coordinate, mean over points, digits and both coordinates [px^2].

    Half of the mean squared distance between points. The start counts as a point.
    """
    return float(np.mean((found.astype(np.float64) - wanted) ** 2))


def class_mean_loss(train: DigitSet, test: DigitSet) -> float:
    """Of who recognises every digit and then draws the train set's mean motion of it."""
    means = np.stack([train.trajectories[train.labels == digit].mean(axis=0) for digit in range(CLASSES)])
    return loss_px2(means[test.labels], test.trajectories)


def class_mean_from_start_loss(train: DigitSet, test: DigitSet) -> float:
    """Of who also knows where the pen is put down, and draws the mean shape from there."""
    shapes = train.trajectories - train.trajectories[:, :1]
    means = np.stack([shapes[train.labels == digit].mean(axis=0) for digit in range(CLASSES)])
    return loss_px2(test.trajectories[:, :1] + means[test.labels], test.trajectories)


def basis_bound(config: DmpConfig, test: DigitSet) -> float:
    """Least squares: the least loss that any network can reach whose outputs are primitives' parameters."""
    starts = test.trajectories[:, :1].astype(np.float64)
    moved = np.swapaxes(test.trajectories[:, 1:] - starts, 1, 2)
    responses = np.column_stack([OrthonormalBasis.of(config).modes, ClosedForm.of(config).span_response])
    directions, _ = np.linalg.qr(responses)
    reached = np.swapaxes(moved @ directions @ directions.T, 1, 2) + starts
    return loss_px2(np.concatenate([starts, reached], axis=1), test.trajectories)
