"""The bench of the DMP layer: its speed beside an Euler unroll, a peer and a bare matrix product."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from hndp_core.experiments.bench.prodmp import prodmp_trajectory
from hndp_core.experiments.bench.record import BenchRecord, Target, present_commit
from hndp_core.experiments.bench.side_by_side import Timing, side_by_side
from hndp_core.learning.optimise import torch_threads
from hndp_core.motion import DmpConfig, DmpLayer, euler_rollout

BASIS, STEPS = 30, 300
SIZES = ((2, 64), (2, 256), (7, 64), (7, 256))
"""Joints and motions in a batch."""
ROUNDS, TURN_S = 20, 0.05
TARGETS: dict[str, Target] = {
    "speedup_vs_euler_7x256": {"at_least": 50},
    "speedup_vs_prodmp_7x256": {"at_least": 5},
    "ratio_to_matmul_7x256": {"at_most": 1.5},
}


@dataclass(frozen=True, eq=False)
class Contestant:
    """A way from parameters that need gradients to positions."""

    parameters: Tensor
    positions: Callable[[Tensor], Float[Tensor, "batch time dof"]]

    def forward(self) -> Tensor:
        """Positions, with the record for gradients that training needs."""
        return self.positions(self.parameters)

    def forward_and_backward(self) -> Callable[[], None]:
        """Positions and then gradients of the parameters, from an incoming gradient that lies in memory as
        the positions do, as a loss of the positions leaves it.
        """
        incoming = torch.ones_like(self.forward())

        def run() -> None:
            self.parameters.grad = None
            self.forward().backward(incoming)

        return run


def measure(
    sizes: Sequence[tuple[int, int]] = SIZES, *, rounds: int = ROUNDS, turn_s: float = TURN_S
) -> BenchRecord:
    """Time all sizes on one thread, in float32.

    Speed-ups are of forward and backward together, the ratio to the matrix product of forward alone; both
    compare the quickest calls. `matmul_speedup_vs_euler` is what a layer without any work of its own would
    reach: the ceiling on this machine. Times are given in ms as least and median.

    Raises:
        MissingPackage: the peer is not installed.
    """
    figures: dict[str, float] = {}
    with torch_threads(1):
        for dof, batch in sizes:
            contestants = _contestants(dof, batch)
            forward = {name: contestant.forward for name, contestant in contestants.items()}
            both = {name: contestant.forward_and_backward() for name, contestant in contestants.items()}
            size = f"{dof}x{batch}"
            forward_times = side_by_side(forward, rounds=rounds, turn_s=turn_s)
            both_times = side_by_side(both, rounds=rounds, turn_s=turn_s)
            figures |= _flat("forward", size, forward_times) | _flat("forward_backward", size, both_times)
            figures |= _compared(size, forward_times, both_times)
    return BenchRecord(
        bench="dmp",
        commit=present_commit(),
        figures=figures,
        targets=TARGETS,
    )


def _contestants(dof: int, batch: int) -> dict[str, Contestant]:
    config = DmpConfig(dof=dof, basis=BASIS, rollout_length=STEPS)
    generator = torch.Generator().manual_seed(0)
    start = torch.randn(batch, dof, generator=generator)
    at_rest = torch.zeros(batch, dof)
    layer, peer = DmpLayer(config), prodmp_trajectory(config, batch)

    def unrolled(parameters: Tensor) -> Tensor:
        weights, goal = parameters.unflatten(-1, (dof, BASIS + 1)).split([BASIS, 1], dim=-1)
        # In one piece, else the product of each step would copy them.
        return euler_rollout(config, weights.contiguous(), goal.squeeze(-1), start, at_rest)

    ways: dict[str, tuple[int, Callable[[Tensor], Tensor]]] = {
        "layer": (layer.outputs, lambda outputs: layer(outputs, start)),
        "euler": (dof * (BASIS + 1), unrolled),
        "prodmp": (dof * (BASIS + 1), lambda parameters: peer(parameters, start)),
        "matmul": (dof * (BASIS + 2), _bare_product(dof)),
    }
    return {
        name: Contestant(torch.randn(batch, width, generator=generator).requires_grad_(), positions)
        for name, (width, positions) in ways.items()
    }


def _bare_product(dof: int) -> Callable[[Tensor], Tensor]:
    """As many multiplications as the layer needs: each joint's weights, goal and start times their
    responses.
    """
    responses = torch.randn(BASIS + 2, STEPS, generator=torch.Generator().manual_seed(1))
    return lambda numbers: (numbers.view(-1, BASIS + 2) @ responses).view(-1, dof, STEPS).transpose(-1, -2)


def _flat(part: str, size: str, timings: dict[str, Timing]) -> dict[str, float]:
    return {
        f"{name}_{part}_ms_{statistic}_{size}": 1e3 * seconds
        for name, timing in timings.items()
        for statistic, seconds in (("min", timing.least_s), ("median", timing.median_s))
    }


def _compared(size: str, forward: dict[str, Timing], both: dict[str, Timing]) -> dict[str, float]:
    figures = {
        f"ratio_to_matmul_{size}": forward["layer"].least_s / forward["matmul"].least_s,
        f"matmul_speedup_vs_euler_{size}": both["euler"].least_s / both["matmul"].least_s,
    }
    for rival in ("euler", "prodmp"):
        figures[f"speedup_vs_{rival}_{size}"] = both[rival].least_s / both["layer"].least_s
        figures[f"speedup_vs_{rival}_median_{size}"] = both[rival].median_s / both["layer"].median_s
        figures[f"speedup_vs_{rival}_forward_{size}"] = forward[rival].least_s / forward["layer"].least_s
    return figures
