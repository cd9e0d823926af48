"""The one training loop: Adam with a cosine schedule, resumable at the same bits."""

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from hndp_core.learning.training_checkpoint import TrainingCheckpoint


@dataclass(frozen=True)
class TrainingProgress:
    """How far a training is: steps done of total, and the present losses by name."""

    done: int
    total: int
    losses: dict[str, float]


Report = Callable[[TrainingProgress], None]
StepLosses = Callable[[int], dict[str, Tensor]]
"""From the step's number to named loss terms; their sum is minimised. Must depend on the number alone."""


def silent(progress: TrainingProgress) -> None:
    """A report that nobody reads."""


def cosine(step: int, total: int) -> float:
    """Factor of the peak learning rate for step `step` of `total`: 1 at the start, towards 0 at the end."""
    return 0.5 * (1.0 + math.cos(math.pi * step / total))


def constant(step: int, total: int) -> float:
    """Factor of the learning rate where it stays as it is."""
    return 1.0


@contextmanager
def torch_threads(count: int) -> Iterator[None]:
    """Run with `count` CPU threads; sums are split by thread, so bits depend on this number."""
    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def optimise(
    model: nn.Module,
    step_losses: StepLosses,
    *,
    steps: int,
    learning_rate: float,
    checkpoint: TrainingCheckpoint,
    schedule: Callable[[int, int], float] = cosine,
    report: Report = silent,
    report_every: int = 10,
    checkpoint_every: int = 50,
) -> None:
    """Train `model` in place, going on from the checkpoint if there is one.

    Args:
        model: only parameters with `requires_grad` are trained
        step_losses: named loss terms of a step; the loss is their sum
        steps: number of Adam steps in all
        learning_rate: the schedule's peak
        checkpoint: where the state is kept every `checkpoint_every` steps, before the report of that step
        schedule: factor of the learning rate for step `step` of `total`
        report: called every `report_every` steps and at the end
    """
    parameters = [parameter for parameter in model.parameters() if parameter.requires_grad]
    optimiser = torch.optim.Adam(parameters, lr=learning_rate, fused=True)
    for step in range(checkpoint.resume(model, optimiser), steps):
        for group in optimiser.param_groups:
            group["lr"] = learning_rate * schedule(step, steps)
        losses = step_losses(step)
        optimiser.zero_grad(set_to_none=True)
        torch.stack(list(losses.values())).sum().backward()
        optimiser.step()
        done = step + 1
        if done % checkpoint_every == 0 or done == steps:
            checkpoint.save(model, optimiser, done)
        if done % report_every == 0 or done == steps:
            report(
                TrainingProgress(done, steps, {name: float(value.detach()) for name, value in losses.items()})
            )
