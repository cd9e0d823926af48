"""What an import gives, whatever the file's format."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from jaxtyping import Float64

from hndp_core.data.joint_recording import JointRecording, UnusableRecording
from hndp_core.errors import HndpError
from hndp_core.robots.limits import PANDA_LIMITS

DOF: Final = PANDA_LIMITS.dof

MOST_SAMPLES: Final = 200_000
"""More than three minutes at 1 kHz: what is longer is no demonstration, but a whole data set in one."""

_NO_RADIANS: Final = 2 * np.pi
"""No joint of the arm gets this far, so that greater values must be degrees."""


class UnusableFile(HndpError, ValueError):
    """A file that gives no motion; names the file, where in it, and what to do.

    `field` names the input of an import that would mend it.
    """

    def __init__(self, file: str, problem: str, remedy: str, field: str = "file") -> None:
        super().__init__(f"{file}: {problem}. {remedy}")
        self.field = field


@dataclass(frozen=True, eq=False)
class ImportedMotion:
    """A recording with what was taken for granted while reading it, as sentences."""

    recording: JointRecording
    notes: tuple[str, ...]


def motion_of(
    file: str,
    joints: Float64[np.ndarray, "samples dof"],
    time_s: Float64[np.ndarray, " samples"] | None,
    rate_hz: float | None,
    notes: tuple[str, ...] = (),
) -> ImportedMotion:
    """Put joints and times of a file together: turn degrees into radians, and a rate into times.

    Raises:
        UnusableFile: the samples make no motion, or neither times nor a rate are known.
    """
    if len(joints) > MOST_SAMPLES:
        raise UnusableFile(
            file, f"it holds {len(joints)} samples", f"Cut it into single motions of at most {MOST_SAMPLES}."
        )
    if time_s is None:
        time_s, told = _times(file, len(joints), rate_hz)
        notes = (*notes, told)
    joints = np.asarray(joints, dtype=np.float64)
    if np.isfinite(joints).any() and np.nanmax(np.abs(joints)) > _NO_RADIANS:
        joints, notes = np.deg2rad(joints), (*notes, "The angles are taken for degrees.")
    try:
        return ImportedMotion(JointRecording(np.asarray(time_s, dtype=np.float64), joints), notes)
    except UnusableRecording as error:
        raise UnusableFile(file, "its samples make no motion", str(error)) from error


def _times(file: str, samples: int, rate_hz: float | None) -> tuple[Float64[np.ndarray, " samples"], str]:
    if rate_hz is None:
        raise UnusableFile(
            file, "it holds no time stamps", "Say how many samples a second it has.", field="rate_hz"
        )
    return np.arange(samples) / rate_hz, f"It holds no time stamps: taken as {rate_hz:g} samples a second."
