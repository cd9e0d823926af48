"""Checks of teachers whose plan is a function of the object's place."""

from collections.abc import Callable

import numpy as np

from hndp_core.robots import PANDA_LIMITS
from hndp_core.robots.safety import check_trajectory
from hndp_core.tasks import Task
from hndp_core.tasks.panda.arm_body import PandaBody

Plan = Callable[[float, float], np.ndarray]
"""x, y [m] -> joint commands (steps, 7) [rad]."""


def check_limits(task: Task, path: np.ndarray, margin_rad: float) -> np.ndarray:
    """Assert that a path passes the check before motion, and its joints this far inside their range.

    Returns the greatest step of each joint [rad].
    """
    home = np.array(task.home_joints)
    check_trajectory(home, path, task.control_rate_hz, body=PandaBody())
    low, high = PANDA_LIMITS.position_range()
    assert np.minimum(path - low, high - path).min() > margin_rad
    return np.abs(np.diff(np.vstack([home, path]), axis=0)).max(axis=0)


def check_smoothness_over_places(task: Task, plan: Plan) -> None:
    """Assert that a cubic regression over train regions predicts the held-out paths: no branch anywhere."""
    places, paths = _paths(task, "train", plan)
    weights, *_ = np.linalg.lstsq(_cubic(task, places), paths.reshape(len(paths), -1), rcond=None)
    held_out, expected = _paths(task, "held_out", plan)
    predicted = (_cubic(task, held_out) @ weights).reshape(expected.shape)
    assert np.sqrt(np.mean((predicted - expected) ** 2)) < 0.002
    assert np.abs(predicted - expected).max() < 0.012


def _paths(task: Task, split: str, plan: Plan) -> tuple[np.ndarray, np.ndarray]:
    places = np.array([(each.x_m, each.y_m) for each in task.layout() if each.split == split])
    return places, np.stack([plan(x, y) for x, y in places])


def _cubic(task: Task, places: np.ndarray) -> np.ndarray:
    space = task.workspace
    low, high = np.array([space.x_min_m, space.y_min_m]), np.array([space.x_max_m, space.y_max_m])
    x, y = ((places - (low + high) / 2) / ((high - low) / 2)).T
    return np.stack([x**i * y**j for i in range(4) for j in range(4 - i)], axis=1)
