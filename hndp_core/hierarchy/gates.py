"""Gates: which regions' local policies are pulled towards the global one (H-NDP Sec. III-B, Eq. 6).

The gate of a region is 1 only where the global policy's trials were judged successful. Two rules
keep it honest: an invalid trial is not counted (it is run again), and a region whose trials
are not all labelled has no gate yet: unlabelled is not failure.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Literal

import numpy as np

from hndp_core.errors import InvalidSetting, ShapeMismatch, UnknownName

Label = Literal["success", "failure", "invalid"]
LABELS: tuple[Label, ...] = ("success", "failure", "invalid")


def majority_gate(labels: Sequence[str | None], trials: int) -> int | None:
    """The gate of one region from the labels of its gate trials.

    Args:
        labels: the current label of each of the region's gate trials in one iteration, None: not yet
        trials: counted labels that the region needs (`RefinementConfig.trials_per_region`)

    Returns:
        1 where more than half of the counted trials succeeded, else 0; None while fewer than `trials`
        are labelled success or failure. A tie leaves the gate shut.

    Raises:
        UnknownName: for a word that is no label.
    """
    for label in labels:
        if label is not None and label not in LABELS:
            raise UnknownName("label", label, LABELS)
    counted = [label for label in labels if label in ("success", "failure")]
    if len(counted) < trials:
        return None
    return int(2 * counted.count("success") > len(counted))


def gates_from_labels(labels: Mapping[int, Sequence[str | None]], trials: int) -> dict[int, int] | None:
    """Gates of all regions by index, or None while any region is not ready (see `majority_gate`)."""
    gates = {region: majority_gate(given, trials) for region, given in sorted(labels.items())}
    ready = {region: gate for region, gate in gates.items() if gate is not None}
    return ready if len(ready) == len(gates) else None


@dataclass(frozen=True)
class LabelEvent:
    """One judgement of one trial by one author; a correction is a later event (higher `sequence`)."""

    sequence: int
    trial: str
    author: str
    label: str


def snapshot_hash(events: Sequence[LabelEvent]) -> str:
    """The hash that a gate stores of the label events it came from: 32 hex digits.

    It depends on the events alone, not on the order in which they were read.
    """
    rows = sorted([event.sequence, event.trial, event.author, event.label] for event in events)
    return blake2b(json.dumps(rows).encode(), digest_size=16).hexdigest()


@dataclass(frozen=True)
class GateTargets:
    """What each local policy is pulled to: the global's trajectory for the very observation of its trial.

    Pairing a trajectory with another scene variation's state would teach the local policy a
    wrong correction, so state, start and trajectory of one rollout stay together. All M regions have a row;
    rows with a shut gate carry no weight.

    Attributes:
        gates: (M,) 0.0 or 1.0, row i belongs to the i-th demonstration
        states: (M, S) privileged state seen at the start of the gate trial
        starts: (M, dof) start joints [rad]
        trajectories: (M, T, dof) joint commands of the global policy [rad]
    """

    gates: np.ndarray
    states: np.ndarray
    starts: np.ndarray
    trajectories: np.ndarray

    def __post_init__(self) -> None:
        count = len(self.gates)
        for name in ("states", "starts", "trajectories"):
            values = getattr(self, name)
            if len(values) != count:
                raise ShapeMismatch(f"gate targets' {name}", values.shape, f"{count} rows, one a region")
        if not np.isin(self.gates, (0.0, 1.0)).all():
            raise InvalidSetting("gates", self.gates.tolist(), "a gate is 0 or 1")

    @property
    def open_count(self) -> int:
        """Number of open gates."""
        return int(self.gates.sum())
