"""Minibatches that depend on (seed, step) alone, so that a resumed training draws the same ones."""

import torch

from hndp_core.seeding import seed_for


def generator_for(seed: int, *names: str | int) -> torch.Generator:
    """A generator of its own for one step of one training."""
    return torch.Generator().manual_seed(seed_for(seed, *names))


def epoch_batch(count: int, size: int, step: int, seed: int) -> torch.Tensor:
    """Rows of minibatch `step`: every epoch visits all `count` rows once, in an order of its own.

    Returns int64 (min(size, count),); the rest of an epoch that fills no batch is left out.
    """
    size = min(size, count)
    epoch, position = divmod(step, count // size)
    order = torch.randperm(count, generator=generator_for(seed, "epoch", epoch))
    return order[position * size : (position + 1) * size]
