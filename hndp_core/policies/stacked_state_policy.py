"""The local policies of all regions as one network with stacked parameters."""

from collections.abc import Sequence
from copy import deepcopy

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor, nn

from hndp_core.errors import InvalidSetting, ShapeMismatch
from hndp_core.motion import TrajectoryHead
from hndp_core.policies.contracts import LocalPolicies
from hndp_core.policies.initialisation import fan_in_uniform_, last_layer_gain
from hndp_core.policies.standardiser import Standardiser
from hndp_core.policies.state_policy import LEAST_STATE_SCALE, StatePolicy


class StackedStatePolicy(LocalPolicies):
    """M state policies side by side: region i sees only slice i of every parameter, so none can disturb
    another.

    The sum of the regions' losses, minimised by an optimizer that treats each number by itself (SGD, Adam),
    trains every slice exactly as it would train alone; clipping the gradient's norm over all of them would
    not. Input and output scales are shared: they describe the task, not the region.

    Built from one generator it holds the very weights that `regions` policies `StatePolicy` built one after
    another from that generator would hold.

    Args:
        head: what the outputs stand for
        regions: number of policies
        state_size: numbers in the state
        hidden: neurons of each policy's hidden layer; 40 in H-NDP Sec. IV-C
        generator: draws the first weights
    """

    kind = "stacked_state_policy"

    def __init__(
        self,
        head: TrajectoryHead,
        *,
        regions: int,
        state_size: int,
        hidden: int = 40,
        generator: torch.Generator,
    ) -> None:
        super().__init__()
        for field, size in (("regions", regions), ("state_size", state_size), ("hidden", hidden)):
            if size < 1:
                raise InvalidSetting(field, size, "use at least 1")
        self.regions, self.state_size, self.hidden_size = regions, state_size, hidden
        self.head = head
        self.standardise = Standardiser(state_size)
        self.hidden_weight = nn.Parameter(torch.empty(regions, hidden, state_size))
        self.hidden_bias = nn.Parameter(torch.zeros(regions, 1, hidden))
        self.last_weight = nn.Parameter(torch.empty(regions, head.outputs, hidden))
        self.last_bias = nn.Parameter(torch.zeros(regions, 1, head.outputs))
        for region in range(regions):
            fan_in_uniform_(self.hidden_weight[region], state_size, 1.0, generator)
            fan_in_uniform_(self.last_weight[region], hidden, last_layer_gain(head), generator)

    def calibrate(
        self,
        states: Float[np.ndarray, "demo state"],
        starts: Float[np.ndarray, "demo dof"],
        trajectories: Float[np.ndarray, "demo time dof"],
    ) -> None:
        """Set the scales of inputs and outputs from all regions' demonstrations; do it once, before
        training.
        """
        self.standardise.calibrate(states, LEAST_STATE_SCALE)
        self.head.calibrate(starts, trajectories)

    def outputs(self, states: Float[Tensor, "region batch state"]) -> Float[Tensor, "region batch outputs"]:
        """What the head turns into trajectories, phi(s; theta_i) for every region i at once."""
        return self._outputs(slice(None), states)

    def forward(
        self, states: Float[Tensor, "region batch state"], starts: Float[Tensor, "region batch dof"]
    ) -> Float[Tensor, "region batch time dof"]:
        """Joint angles [rad]; row i of the inputs goes through the policy of region i."""
        return self.head(self.outputs(states), starts)

    @torch.inference_mode()
    def plan(
        self,
        region: int,
        state: Float[np.ndarray, " state"],
        joints: Float[np.ndarray, " dof"],
        samples: int | None = None,
    ) -> Float[np.ndarray, "samples dof"]:
        """One float64 trajectory [rad] of the policy of `region` (counted from 0), from the current joints.

        Raises:
            InvalidSetting: no such region.
            ShapeMismatch: state or joints of another size.
        """
        self._check_region(region)
        if state.shape != (self.state_size,) or joints.shape != (self.head.dof,):
            found = (*state.shape, *joints.shape)
            raise ShapeMismatch("state and joints", found, f"({self.state_size}, {self.head.dof})")
        states = torch.as_tensor(state).to(self.hidden_weight.dtype).reshape(1, 1, -1)
        outputs = self._outputs(slice(region, region + 1), states)[0]
        return self.head(outputs.double(), torch.tensor(joints[None]).double(), samples=samples)[0].numpy()

    def _outputs(
        self, regions: slice, states: Float[Tensor, "chosen batch state"]
    ) -> Float[Tensor, "chosen batch outputs"]:
        hidden = torch.baddbmm(
            self.hidden_bias[regions], self.standardise(states), self.hidden_weight[regions].mT
        )
        return torch.baddbmm(self.last_bias[regions], torch.tanh(hidden), self.last_weight[regions].mT)

    def _check_region(self, region: int) -> None:
        if not 0 <= region < self.regions:
            raise InvalidSetting("region", region, f"count regions from 0 to {self.regions - 1}")

    def architecture(self) -> dict[str, object]:
        return {
            "head": self.head.description(),
            "regions": self.regions,
            "state_size": self.state_size,
            "hidden": self.hidden_size,
        }

    def policy(self, region: int) -> StatePolicy:
        """A copy of one region's policy.

        Raises:
            InvalidSetting: no such region.
        """
        self._check_region(region)
        single = StatePolicy(
            deepcopy(self.head),
            state_size=self.state_size,
            hidden=self.hidden_size,
            generator=torch.Generator(),
        )
        single.cast_parameters(self.hidden_weight.dtype)
        single.load_state_dict(
            {
                "hidden.weight": self.hidden_weight[region],
                "hidden.bias": self.hidden_bias[region, 0],
                "last.weight": self.last_weight[region],
                "last.bias": self.last_bias[region, 0],
                **{f"standardise.{name}": value for name, value in self.standardise.state_dict().items()},
                **{f"head.{name}": value for name, value in self.head.state_dict().items()},
            }
        )
        return single

    @classmethod
    def stack(cls, policies: Sequence[StatePolicy]) -> "StackedStatePolicy":
        """Stack policies of one architecture and one calibration.

        Raises:
            InvalidSetting: none given, or they differ in architecture or calibration.
        """
        if not policies:
            raise InvalidSetting("policies", [], "give at least one policy")
        first = policies[0]
        shared = {
            **first.standardise.state_dict(prefix="standardise."),
            **first.head.state_dict(prefix="head."),
        }
        for policy in policies:
            same = policy.architecture() == first.architecture()
            if not (same and all(torch.equal(policy.state_dict()[key], shared[key]) for key in shared)):
                raise InvalidSetting(
                    "policies", policy.kind, "stack policies of one architecture and calibration"
                )
        stacked = cls(
            deepcopy(first.head),
            regions=len(policies),
            state_size=first.state_size,
            hidden=first.hidden_size,
            generator=torch.Generator(),
        )
        stacked.cast_parameters(first.hidden.weight.dtype)
        stacked.load_state_dict(
            {
                "hidden_weight": torch.stack([policy.hidden.weight for policy in policies]),
                "hidden_bias": torch.stack([policy.hidden.bias[None] for policy in policies]),
                "last_weight": torch.stack([policy.last.weight for policy in policies]),
                "last_bias": torch.stack([policy.last.bias[None] for policy in policies]),
                **shared,
            }
        )
        return stacked
