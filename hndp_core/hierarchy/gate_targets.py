"""What an open gate pulls a local policy to (H-NDP Eq. 6)."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from hndp_core.errors import HndpError, InvalidSetting, ShapeMismatch
from hndp_core.hierarchy.datasets import DemonstrationSet, TrialSet


@dataclass(frozen=True)
class GateTargets:
    """What each local policy is pulled to: the global's trajectory for the very observation of its trial.

    Pairing a trajectory with another scene variation's state would teach the local policy a
    wrong correction, so state, start and trajectory of one rollout stay together. All M regions have a row;
    rows with a shut gate carry no weight.

    Attributes:
        gates: (M,) 0.0 or 1.0, row i belongs to the i-th region
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


def gate_targets(demonstrations: DemonstrationSet, trials: TrialSet, gates: Mapping[int, int]) -> GateTargets:
    """Pair each region with its first successful trial; a region whose gate is shut gets any of its trials.

    Args:
        demonstrations: whose order of regions the rows follow
        trials: the gate trials of one iteration, with their labels
        gates: 0 or 1 by `Region.index`

    Raises:
        HndpError: for a region without a trial, or an open gate without a successful one.
    """
    rows = []
    for region in demonstrations.region_order:
        here = np.flatnonzero(trials.regions == region)
        if gates[region]:
            here = here[trials.labels[here] == "success"]
        if not len(here):
            raise HndpError(
                f"Region {region} has no trial that its gate could come from: run and label it again."
            )
        rows.append(here[0])
    chosen = trials.take(np.array(rows))
    return GateTargets(
        gates=np.array([float(gates[region]) for region in demonstrations.region_order]),
        states=chosen.states,
        starts=chosen.starts,
        trajectories=chosen.trajectories,
    )
