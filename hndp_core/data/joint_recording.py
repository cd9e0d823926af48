"""Joint positions over measured time, as a hand led the arm or as a file brings them."""

from dataclasses import dataclass, field
from typing import Self

import numpy as np
from jaxtyping import Float64

from hndp_core.data.trajectory import UnreadableTrajectory, pack_arrays, unpack_arrays
from hndp_core.errors import HndpError, ShapeMismatch


class UnusableRecording(HndpError, ValueError):
    """Samples that make no motion."""


@dataclass(frozen=True, eq=False)
class JointRecording:
    """Samples of a motion, at whatever rate they came.

    Raises:
        ShapeMismatch: times and joints do not fit.
        UnusableRecording: fewer than two samples, a value is not finite, or time does not go on; names the
            sample (from 1).
    """

    time_s: Float64[np.ndarray, " samples"]
    """Rising; the first need not be 0."""
    joints: Float64[np.ndarray, "samples dof"]
    """[rad]."""
    commanded: Float64[np.ndarray, "samples dof"] | None = field(default=None)
    """What the arm was commanded at each sample [rad]; None where nothing commanded it."""

    def __post_init__(self) -> None:
        if self.joints.ndim != 2 or self.time_s.shape != self.joints.shape[:1]:
            raise ShapeMismatch("joints", self.joints.shape, f"({len(self.time_s)}, joints)")
        if self.commanded is not None and self.commanded.shape != self.joints.shape:
            raise ShapeMismatch("commanded joints", self.commanded.shape, f"{self.joints.shape}")
        if len(self.time_s) < 2:
            raise UnusableRecording(
                f"There are {len(self.time_s)} samples: a motion takes two at least. Record it again."
            )
        for values in (self.time_s[:, None], self.joints):
            if not np.isfinite(values).all():
                sample = int(np.argwhere(~np.isfinite(values))[0][0]) + 1
                raise UnusableRecording(f"Sample {sample} holds no finite number: take it out or mend it.")
        steps = np.diff(self.time_s)
        if (steps <= 0).any():
            sample = int(np.argmax(steps <= 0)) + 2
            raise UnusableRecording(
                f"Time does not go on at sample {sample}: {self.time_s[sample - 1]:g} s comes after "
                f"{self.time_s[sample - 2]:g} s. Sort the samples by time and take out doubled ones."
            )

    @property
    def duration_s(self) -> float:
        """From the first sample to the last."""
        return float(self.time_s[-1] - self.time_s[0])

    @property
    def rate_hz(self) -> float:
        """Samples a second, by the median distance of two."""
        return 1.0 / float(np.median(np.diff(self.time_s)))

    def between(self, first: int, last: int) -> Self:
        """Samples `first` to `last`, both included."""
        part = slice(first, last + 1)
        commanded = None if self.commanded is None else self.commanded[part]
        return type(self)(self.time_s[part], self.joints[part], commanded)

    def to_bytes(self) -> bytes:
        """As an npz file; equal recordings give equal bytes."""
        arrays = {"time_s": self.time_s, "joints": self.joints}
        return pack_arrays(arrays if self.commanded is None else {**arrays, "commanded": self.commanded})

    @classmethod
    def from_bytes(cls, content: bytes) -> Self:
        """The inverse of `to_bytes`.

        Raises:
            UnreadableTrajectory: not such a file.
        """
        arrays = unpack_arrays(content)
        if not {"time_s", "joints"} <= arrays.keys():
            raise UnreadableTrajectory("time_s or joints is missing")
        return cls(arrays["time_s"], arrays["joints"], arrays.get("commanded"))
