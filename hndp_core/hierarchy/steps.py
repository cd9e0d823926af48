"""The steps of one iteration of Algorithm 1, their seeds, and how far they are."""

from collections.abc import Callable
from dataclasses import dataclass

from hndp_core.errors import UnknownName
from hndp_core.hierarchy.config import RefinementConfig
from hndp_core.hierarchy.methods import get_method
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
"""In order; which of them an iteration has, `iteration_steps` tells."""


def iteration_steps(iteration: int, config: RefinementConfig) -> tuple[str, ...]:
    """The steps that an iteration has, in order: pretraining only in the first, local ones only where the
    method has local policies, and their rollouts only where those feed D.
    """
    method, left_out = get_method(config.method), set[str]()
    if iteration > 1 or config.pretrain_images == 0:
        left_out.add("pretraining")
    if not method.local_to_global:
        left_out |= {"local_training", "local_rollouts"}
    if config.dataset_source != "local_rollouts" or not method.new_images:
        left_out.add("local_rollouts")
    return tuple(step for step in STEPS if step not in left_out)


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
