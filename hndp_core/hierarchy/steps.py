"""The steps of one iteration of Algorithm 1, their seeds, and how far they are."""

from collections.abc import Callable
from dataclasses import dataclass

from hndp_core.errors import UnknownName
from hndp_core.seeding import seed_for

STEPS = (
    "pretraining",
    "local_training",
    "local_rollouts",
    "global_training",
    "gate_rollouts",
    "held_out_rollouts",
    "labelling",
)
"""In order; "pretraining" belongs to the first iteration alone."""


def step_seed(seed: int, iteration: int, step: str) -> int:
    """The seed of a training step: the app and the command line derive the same.

    Raises:
        UnknownName: for a step that does not exist.
    """
    if step not in STEPS:
        raise UnknownName("step", step, STEPS)
    return seed_for(seed, "step", iteration, step)


@dataclass(frozen=True)
class StepProgress:
    """How far a step is.

    Attributes:
        iteration: 1, 2, ...
        step: one of `STEPS`
        done: training steps or rollouts done
        total: of how many
        losses: present losses by name; empty for rollouts
    """

    iteration: int
    step: str
    done: int
    total: int
    losses: dict[str, float]


StepReport = Callable[[StepProgress], None]
