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

from hndp_core.errors import UnknownName

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
