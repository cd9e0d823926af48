"""One demonstration or trial with all that is known about it: what a data set holds many of."""

from collections.abc import Mapping
from dataclasses import astuple, dataclass, field, fields
from typing import Final, Self

import numpy as np
from jaxtyping import Float64

from hndp_core.data.trajectory import paced_commands
from hndp_core.errors import InvalidSetting, ShapeMismatch


@dataclass(frozen=True)
class EpisodeFacts:
    """Where an episode comes from and how it was judged. Each field is a column of a data set.

    A text is never empty: what is not known is None. Moments are ISO 8601 in UTC.

    Raises:
        InvalidSetting: an empty text.
    """

    kind: str
    """"demonstration" or "trial"."""
    id: int
    """Of the demonstration or trial on its server."""
    experiment: str
    """Name of the experiment."""
    task: str
    method: str
    experiment_seed: int
    """Of everything random in the experiment."""
    region: str
    region_split: str
    """"train" or "held_out"."""
    x_m: float
    """Of the region, in the robot's base frame [m]."""
    y_m: float
    """Of the region, in the robot's base frame [m]."""
    simulated: bool
    """Whether the arm was a simulated one."""
    cell: str
    rate_hz: float
    """Commands a second."""
    record_sha256: str
    """Of the npz file on the server."""
    video_sha256: str
    """Of the video file, which a data set holds untouched."""
    subject: str | None = None
    """What the region is about, such as a digit."""
    source: str | None = None
    """Of a demonstration: "teacher", "guided" or "imported"."""
    take: int | None = None
    """Of a demonstration: 1 for the first one in its region."""
    status: str | None = None
    """Of a demonstration: whether it was accepted."""
    author: str | None = None
    """Who recorded a demonstration."""
    warning: str | None = None
    """What stood out about a demonstration."""
    scene_seed: int | None = None
    """Of the scene's variation in a trial."""
    purpose: str | None = None
    """Of a trial: "local", "gate" or "held_out"."""
    iteration: int | None = None
    repeat: int | None = None
    attempt: int | None = None
    policy: str | None = None
    """Kind of the policy that a trial ran."""
    policy_sha256: str | None = None
    label: str | None = None
    """The judgement of a trial that counts: "success", "failure" or "invalid"."""
    label_author: str | None = None
    label_simulated: bool | None = None
    """Whether that author is the simulator's physics."""
    score: float | None = None
    """Partial credit from 0 to 1, where milestones were judged."""
    failure_mode: str | None = None
    """In the words of the task's rubric."""
    label_events: str | None = None
    """All judgements of a trial, in order, as a JSON list of objects."""
    gate: int | None = None
    """Of the trial's region and iteration: 1 where the global policy was judged successful (H-NDP Eq. 4)."""
    gate_label_hash: str | None = None
    """SHA-256 of the label events that the gate was made from."""
    gate_outdated: bool | None = None
    """Whether a label was corrected after the gate was set."""
    physics_success: bool | None = None
    """What the simulator says of a labelled trial; None before the label, which it must not sway."""
    measures: str | None = None
    """What the simulator measured of a labelled trial, as a JSON object."""
    refusal: str | None = None
    """Why the safety check refused the plan of a trial, whose arm then never moved."""
    period_error_p99_ms: float | None = None
    executed_at: str | None = None

    def __post_init__(self) -> None:
        for each in fields(self):
            if getattr(self, each.name) == "":
                raise InvalidSetting(each.name, "", "leave out what is not known")

    @property
    def success(self) -> bool:
        """Whether a trial was judged successful, or a demonstration accepted."""
        return self.label == "success" if self.kind == "trial" else self.status == "accepted"


FACTS: Final = tuple(each.name for each in fields(EpisodeFacts))

ARRAYS: Final = ("start_joints", "state", "commanded", "slow_down", "measured", "time_s")
"""As an npz file names them."""


@dataclass(frozen=True, eq=False)
class Episode:
    """One rollout as its record holds it.

    Raises:
        ShapeMismatch: arrays that do not fit together.
    """

    facts: EpisodeFacts
    start_joints: Float64[np.ndarray, " dof"]
    """Measured at the start [rad]."""
    state: Float64[np.ndarray, " state"]
    """What local policies see, such as the place of a bowl [m]."""
    commanded: Float64[np.ndarray, "steps dof"]
    """Planned joint commands [rad]."""
    measured: Float64[np.ndarray, "made dof"]
    """Joints after each step that was made [rad]."""
    time_s: Float64[np.ndarray, " made"]
    """Of each row of `measured`, since the start."""
    slow_down: float
    """How many times as long as planned the commands took."""
    start_image: bytes = field(repr=False)
    """What the global policy sees, as a PNG file."""
    video: bytes = field(repr=False)
    """An MP4 file."""

    def __post_init__(self) -> None:
        dof = self.start_joints.shape
        for name in ("commanded", "measured"):
            rows = getattr(self, name)
            if rows.ndim != 2 or rows.shape[1:] != dof:
                raise ShapeMismatch(name, rows.shape, f"(rows, {dof[0]})")
        if self.time_s.shape != self.measured.shape[:1]:
            raise ShapeMismatch("time_s", self.time_s.shape, f"({len(self.measured)},)")

    @classmethod
    def of_arrays(
        cls, facts: EpisodeFacts, arrays: Mapping[str, np.ndarray], start_image: bytes, video: bytes
    ) -> Self:
        """Make an episode of the arrays of a record; one of an earlier version was never slowed down.

        Raises:
            KeyError: an array is missing; see `ARRAYS`.
        """
        numbers = {each: np.asarray(arrays[each], np.float64) for each in ARRAYS if each != "slow_down"}
        slow_down = float(arrays.get("slow_down", 1.0))
        return cls(facts=facts, slow_down=slow_down, start_image=start_image, video=video, **numbers)

    @property
    def rows(self) -> int:
        """Control steps: as many as were streamed, or would have been."""
        return max(round(len(self.commanded) * self.slow_down), len(self.measured), 1)

    def streamed(self) -> Float64[np.ndarray, "rows dof"]:
        """The commands at the pace that the arm could follow [rad]; held where it was followed for longer."""
        return _held(paced_commands(self.start_joints, self.commanded, self.slow_down), self.rows)

    def before_step(self) -> Float64[np.ndarray, "rows dof"]:
        """The joints that were measured when each command was sent [rad]; held after the last measurement."""
        return _held(np.vstack([self.start_joints, self.measured])[: self.rows], self.rows)

    def arrays(self) -> dict[str, np.ndarray]:
        """All numbers, named as in `ARRAYS`."""
        return {name: np.asarray(getattr(self, name), dtype=np.float64) for name in ARRAYS}


def same_episode(one: Episode, other: Episode) -> bool:
    """Whether two episodes agree in every bit of their numbers, facts, image and video."""
    here, there = one.arrays(), other.arrays()
    return (
        all(here[name].shape == there[name].shape for name in ARRAYS)
        and all(here[name].tobytes() == there[name].tobytes() for name in ARRAYS)
        and astuple(one.facts) == astuple(other.facts)
        and one.start_image == other.start_image
        and one.video == other.video
    )


def _held(rows: np.ndarray, count: int) -> np.ndarray:
    if len(rows) >= count:
        return rows
    return np.vstack([rows, np.repeat(rows[-1:], count - len(rows), axis=0)])
