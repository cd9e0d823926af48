"""Trajectories as files, and at other sampling rates."""

from collections.abc import Mapping
from io import BytesIO
from typing import Any
from zipfile import BadZipFile

import numpy as np
from jaxtyping import Float64, Shaped

from hndp_core.errors import HndpError, InvalidSetting, ShapeMismatch

Array = Shaped[np.ndarray, "..."]


class UnreadableTrajectory(HndpError):
    """A file that is no trajectory of this project."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"Not a trajectory file ({reason}): restore it from a backup, or record it again.")


def pack_arrays(arrays: Mapping[str, Array]) -> bytes:
    """Return an npz file of named arrays; equal arrays give equal bytes. Nothing is pickled.

    Raises:
        InvalidSetting: an array of Python objects.
    """
    for name, array in arrays.items():
        if np.asarray(array).dtype.hasobject:
            raise InvalidSetting(name, "array of objects", "store numbers, booleans or text of fixed length")
    buffer = BytesIO()
    plain: dict[str, Any] = dict(arrays)
    np.savez_compressed(buffer, allow_pickle=False, **plain)
    return buffer.getvalue()


def unpack_arrays(content: bytes) -> dict[str, Array]:
    """Return the arrays of an npz file.

    Raises:
        UnreadableTrajectory: not an npz file, cut off, or with pickled content (never loaded).
    """
    if not content.startswith(b"PK"):
        raise UnreadableTrajectory("no npz file")
    try:
        with np.load(BytesIO(content), allow_pickle=False) as file:
            return {name: file[name] for name in file.files}
    except (ValueError, KeyError, OSError, EOFError, BadZipFile) as error:
        raise UnreadableTrajectory(str(error)) from error


def resample(
    start: Float64[np.ndarray, " dof"], joints: Float64[np.ndarray, "steps dof"], steps: int
) -> Float64[np.ndarray, "resampled dof"]:
    """Return the same motion in another number of equal steps, by cubic splines.

    The start is no row: row t stands at the time (t + 1) / steps of the whole. The path leaves the start
    at rest.

    Args:
        start: joints before row 0 [rad].
        joints: joint positions [rad].
        steps: rows of the result.

    Raises:
        InvalidSetting: `steps` is below 1.
        ShapeMismatch: start and joints do not fit.
    """
    from scipy.interpolate import CubicSpline  # heavy: readers of files do not need it

    if steps < 1:
        raise InvalidSetting("steps", steps, "use 1 or more")
    if joints.ndim != 2 or joints.shape[0] < 1 or start.shape != joints.shape[1:]:
        raise ShapeMismatch("joints", joints.shape, f"(steps, {start.shape[0]}) with at least 1 step")
    times = np.linspace(0.0, 1.0, len(joints) + 1)
    ends: Any = ((1, np.zeros_like(start)), "not-a-knot")
    path = CubicSpline(times, np.vstack([start, joints]), bc_type=ends)
    return path(np.linspace(0.0, 1.0, steps + 1)[1:])


def paced_commands(
    start: Float64[np.ndarray, " dof"], planned: Float64[np.ndarray, "steps dof"], slow_down: float
) -> Float64[np.ndarray, "paced dof"]:
    """The commands that were streamed: those planned, on the same path in `slow_down` times as many steps.

    Args:
        start: joints before the first command [rad].
        planned: joint commands [rad].
        slow_down: how many times as long as planned they took, so that the arm could follow.
    """
    steps = round(len(planned) * slow_down)
    return planned if steps == len(planned) else resample(start, planned, steps)
