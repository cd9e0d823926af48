"""Motions from npz files: the studio's own, and any that names its arrays plainly."""

from typing import Final

import numpy as np

from hndp_core.data.demonstration_import.imported_motion import (
    DOF,
    ImportedMotion,
    UnusableFile,
    motion_of,
)
from hndp_core.data.trajectory import UnreadableTrajectory, unpack_arrays

_JOINTS: Final = ("commanded", "joints", "q", "joint_positions", "positions")
_TIMES: Final = ("time_s", "time", "t", "timestamps")


def read_npz(file: str, content: bytes, rate_hz: float | None) -> ImportedMotion:
    """Read the first of the arrays commanded, joints, q, joint_positions, positions: (samples, 7).

    Times come from time_s, time, t or timestamps [s] where one of them is as long as the joints.

    Raises:
        UnusableFile: none of them is there, or of another shape.
    """
    try:
        arrays = unpack_arrays(content)
    except UnreadableTrajectory as error:
        raise UnusableFile(
            file, f"it is no npz file of plain arrays ({error})", "Save it anew by numpy.savez."
        ) from error
    name = next((each for each in _JOINTS if each in arrays), None)
    if name is None:
        raise UnusableFile(
            file,
            f"none of its arrays ({', '.join(arrays) or 'none'}) is called {', '.join(_JOINTS[:-1])} "
            f"or {_JOINTS[-1]}",
            f"Give the array of (samples, {DOF}) joint positions one of these names.",
        )
    joints = arrays[name]
    if joints.ndim != 2 or joints.shape[1] != DOF or joints.dtype.kind not in "fiu":
        raise UnusableFile(
            file, f"array {name} has shape {joints.shape}", f"It takes numbers of shape (samples, {DOF})."
        )
    times = next((arrays[each] for each in _TIMES if each in arrays), None)
    if times is not None and times.shape != joints.shape[:1]:
        times = None  # of another array: the studio's files hold those of the measured joints
    if times is not None and times.dtype.kind not in "fiu":
        raise UnusableFile(file, "its time stamps are no numbers", "Store them in seconds.")
    return motion_of(file, joints.astype(np.float64), times, rate_hz)
