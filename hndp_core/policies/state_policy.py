"""Local policy: privileged state in, trajectory out."""

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from hndp_core.errors import InvalidSetting, ShapeMismatch
from hndp_core.motion import TrajectoryHead
from hndp_core.policies.initialisation import last_layer_gain, linear_layer
from hndp_core.policies.network import Network
from hndp_core.policies.standardiser import Standardiser

# States are positions in metres; variation below this is not worth the network's attention.
LEAST_STATE_SCALE = 0.01


class StatePolicy(Network):
    """Local policy pi_l of one region: one hidden layer with tanh (H-NDP Sec. IV-C), whatever the head.

    Args:
        head: what the outputs stand for
        state_size: numbers in the state
        hidden: neurons of the hidden layer; 40 in H-NDP Sec. IV-C
        generator: draws the first weights
    """

    kind = "state_policy"

    def __init__(
        self, head: TrajectoryHead, *, state_size: int, hidden: int = 40, generator: torch.Generator
    ) -> None:
        super().__init__()
        for field, size in (("state_size", state_size), ("hidden", hidden)):
            if size < 1:
                raise InvalidSetting(field, size, "use at least 1")
        self.state_size, self.hidden_size = state_size, hidden
        self.head = head
        self.standardise = Standardiser(state_size)
        self.hidden = linear_layer(state_size, hidden, gain=1.0, generator=generator)
        self.last = linear_layer(hidden, head.outputs, gain=last_layer_gain(head), generator=generator)

    def calibrate(
        self,
        states: Float[np.ndarray, "demo state"],
        starts: Float[np.ndarray, "demo dof"],
        trajectories: Float[np.ndarray, "demo time dof"],
    ) -> None:
        """Set the scales of inputs and outputs from demonstrations; do it once, before training."""
        self.standardise.calibrate(states, LEAST_STATE_SCALE)
        self.head.calibrate(starts, trajectories)

    def outputs(self, states: Float[Tensor, "batch state"]) -> Float[Tensor, "batch outputs"]:
        """What the head turns into a trajectory, phi(s) of H-NDP Sec. III-A."""
        return self.last(torch.tanh(self.hidden(self.standardise(states))))

    def forward(
        self, states: Float[Tensor, "batch state"], starts: Float[Tensor, "batch dof"]
    ) -> Float[Tensor, "batch time dof"]:
        """Joint angles [rad] from the states and the joints that the motion starts at."""
        return self.head(self.outputs(states), starts)

    @torch.inference_mode()
    def plan(
        self,
        state: Float[np.ndarray, " state"],
        joints: Float[np.ndarray, " dof"],
        samples: int | None = None,
    ) -> Float[np.ndarray, "samples dof"]:
        """One float64 trajectory [rad] of `samples` rows (default the rollout length) from the current
        joints.

        Raises:
            ShapeMismatch: state or joints of another size.
        """
        if state.shape != (self.state_size,) or joints.shape != (self.head.dof,):
            found = (*state.shape, *joints.shape)
            raise ShapeMismatch("state and joints", found, f"({self.state_size}, {self.head.dof})")
        outputs = self.outputs(torch.as_tensor(state[None]).to(self.hidden.weight.dtype))
        return self.head(outputs.double(), torch.tensor(joints[None]).double(), samples=samples)[0].numpy()

    def architecture(self) -> dict[str, object]:
        return {
            "head": self.head.description(),
            "state_size": self.state_size,
            "hidden": self.hidden_size,
        }
