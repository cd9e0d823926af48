"""What Algorithm 1 asks of a robot: run this policy in that region. Simulated and real arms answer alike."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from hndp_core.hierarchy.gates import Label
from hndp_core.hierarchy.trial_seeds import trial_seed
from hndp_core.tasks.outcome import Outcome
from hndp_core.tasks.region import Region


@dataclass(frozen=True)
class RolloutRequest:
    """One rollout to be made.

    Attributes:
        purpose: "local", "gate" or "held_out"
        iteration: 1, 2, ...
        region: where
        policy: checkpoint of the stacked local policies or of the global policy
        expert: row of the local policy among the stacked ones; None for the global policy
        seed: seed of the run
        repeat: number of the trial in this region and iteration, from 0
        attempt: how often this trial was invalid before
    """

    purpose: str
    iteration: int
    region: Region
    policy: Path
    expert: int | None
    seed: int
    repeat: int = 0
    attempt: int = 0

    @property
    def variation_seed(self) -> int:
        """Seed of the scene variation."""
        return trial_seed(
            self.seed, self.iteration, self.purpose, self.region.index, self.repeat, self.attempt
        )

    def again(self) -> "RolloutRequest":
        """The same trial once more, after an invalid one, with a scene variation of its own."""
        return replace(self, attempt=self.attempt + 1)


@dataclass(frozen=True)
class RolloutResult:
    """What came of a request.

    Attributes:
        image: (H, W, 3) uint8 seen at the start
        state: (S,) privileged state at the start
        start: (dof,) joints at the start [rad]
        commanded: (T, dof) joint commands [rad]
        outcome: judgement of the physics; None on a real robot, for a stopped rollout and a refused one
        refusal: why the robot refused the trajectory before it moved, or None
        slow_down: how many times as long as planned it took, so that the robot could follow
    """

    image: np.ndarray
    state: np.ndarray
    start: np.ndarray
    commanded: np.ndarray
    outcome: Outcome | None
    refusal: str | None = None
    slow_down: float = 1.0


Rollouts = Callable[[Sequence[RolloutRequest]], Iterator[RolloutResult]]
"""Runs the requests and yields the results in the order of the requests."""

Operator = Callable[[RolloutResult], Label]
"""Judges a rollout."""


def simulated_operator(result: RolloutResult) -> Label:
    """Label by the physics. A refused trajectory did not do the task; a stopped one says nothing."""
    if result.refusal is not None:
        return "failure"
    if result.outcome is None:
        return "invalid"
    return "success" if result.outcome.success else "failure"
