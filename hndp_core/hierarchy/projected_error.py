"""The distance of trajectories, measured only in the directions in which a primitive can move."""

from collections.abc import Callable

import torch
from jaxtyping import Float
from torch import Tensor

from hndp_core.motion import DmpLayer, TrajectoryHead


class ProjectedError:
    """Mean squared joint error against fixed wanted trajectories, exact and an order of magnitude cheaper.

    A primitive with N radial functions moves each joint in N + 1 directions of the T-dimensional space of
    trajectories. With orthonormal directions the squared distance splits by Pythagoras into
    the part along them and a constant: N + 1 numbers a joint have to be compared instead of T.

    Args:
        head: the primitive; its scales must not change any more
        starts: joints that the motions start at [rad]
        wanted: trajectories to compare with [rad]
    """

    def __init__(
        self, head: DmpLayer, starts: Float[Tensor, "*batch dof"], wanted: Float[Tensor, "*batch time dof"]
    ) -> None:
        span_response = head.attraction[0]
        directions, _ = torch.linalg.qr(torch.cat([head.modes, span_response[None]]).T)
        self._projected = head.along(directions)
        self._starts = starts
        # The start is added as it is to every coordinate of the projected head.
        moved = (wanted - starts[..., None, :]).double().transpose(-1, -2)
        along = moved @ directions
        self._wanted = (starts.double()[..., None] + along).transpose(-1, -2).to(wanted.dtype)
        self._count = wanted.shape[-1] * wanted.shape[-2]
        beyond = moved.square().sum(dim=(-1, -2)) - along.square().sum(dim=(-1, -2))
        self._constant = (beyond.clamp(min=0.0) / self._count).to(wanted.dtype)

    def __call__(self, outputs: Float[Tensor, "*batch outputs"]) -> Float[Tensor, "*batch"]:
        """Mean squared error [rad^2] of the trajectories that the head makes of a network's outputs."""
        found = self._projected.trajectory(outputs, self._starts)
        return (found - self._wanted).square().sum(dim=(-1, -2)) / self._count + self._constant


def error_against(
    head: TrajectoryHead, starts: Float[Tensor, "*batch dof"], targets: Float[Tensor, "*batch row column"]
) -> Callable[[Float[Tensor, "*batch outputs"]], Float[Tensor, "*batch"]]:
    """`head.error` against starts and targets that stay, by the cheapest way that there is for the head."""
    if isinstance(head, DmpLayer):
        return ProjectedError(head, starts, targets)
    return lambda outputs: head.error(outputs, starts, targets)
