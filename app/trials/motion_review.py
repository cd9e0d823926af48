"""What the motion of a trial looked like, for the curves under its film and the line over it."""

from typing import Any, Final

import numpy as np
from jaxtyping import Float64

from app.experiments.motion_curves import paced_commands
from hndp_core.tasks import Task
from hndp_core.tasks.camera_format import VIDEO_HEIGHT, VIDEO_WIDTH

_EVERY: Final = 3
"""Control steps from one point of a curve to the next: a point for each frame of the film."""

_ASPECT: Final = VIDEO_WIDTH / VIDEO_HEIGHT


def motion_review(
    record: dict[str, np.ndarray],
    demonstration: dict[str, np.ndarray] | None,
    task: Task,
    *,
    in_picture: bool,
) -> dict[str, Any]:
    """Joints [rad], tip of the tool [m] and its place in the film over time, as JSON values.

    Args:
        record: arrays of the trial, see `store_record`
        demonstration: those of the region's demonstration, if it has one
        task: knows the tool and the camera
        in_picture: whether the film is of the task's own simulated camera. Where a level shifts that
            camera, the line is off by a few pixels.

    Returns:
        time_s, joints and, of a task that knows its tip: trial and, where there is one, demonstration, each
        with tip (x, y, z by time) and picture (u, v by time, or None)
    """
    joints = _executed(record)
    review: dict[str, Any] = {
        "time_s": [round(row / task.control_rate_hz, 3) for row in range(0, len(joints), _EVERY)],
        "joints": _columns(joints[::_EVERY]),
        "trial": _tip(joints, task, in_picture),
        "demonstration": None,
    }
    if demonstration is not None:
        review["demonstration"] = _tip(_executed(demonstration), task, in_picture)
    return review


def _executed(record: dict[str, np.ndarray]) -> Float64[np.ndarray, "rows dof"]:
    """The start and what was measured after it; of a motion that was refused, what was planned."""
    path = record["measured"] if len(record["measured"]) else paced_commands(record)
    return np.vstack([record["start_joints"], path])


def _tip(joints: Float64[np.ndarray, "rows dof"], task: Task, in_picture: bool) -> dict[str, Any] | None:
    places = task.tip_places(joints[::_EVERY])
    if places is None:
        return None
    seen = None
    if in_picture and task.camera_view is not None:
        seen = np.round(task.camera_view.picture_of(places, _ASPECT), 4).tolist()
    return {"tip": _columns(places), "picture": seen}


def _columns(rows: Float64[np.ndarray, "rows columns"]) -> list[list[float]]:
    return np.round(rows.T, 4).tolist()
