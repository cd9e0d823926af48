"""What cells ask of a policy.

A cell asks for one motion from what it sees; every method's policy is a `LocalPolicies` or a `GlobalPolicy`.
"""

from abc import abstractmethod

import numpy as np
from jaxtyping import Float, UInt8

from hndp_core.policies.network import Network


class LocalPolicies(Network):
    """The local policies pi_l of all regions (H-NDP Algorithm 1): privileged state in, trajectory out."""

    @abstractmethod
    def plan(
        self,
        region: int,
        state: Float[np.ndarray, " state"],
        joints: Float[np.ndarray, " dof"],
        samples: int | None = None,
    ) -> Float[np.ndarray, "samples dof"]:
        """One float64 trajectory [rad] of the policy of `region` (counted from 0), from the current joints.

        `samples` is the number of rows, by default the rollout length.

        Raises:
            InvalidSetting: no such region.
            ShapeMismatch: state or joints of another size.
        """


class GlobalPolicy(Network):
    """The global policy pi_g: camera image and joints in, trajectory out."""

    @abstractmethod
    def plan(
        self,
        image: UInt8[np.ndarray, "height width 3"],
        joints: Float[np.ndarray, " dof"],
        samples: int | None = None,
    ) -> Float[np.ndarray, "samples dof"]:
        """One float64 trajectory [rad] from the current joints.

        `samples` is the number of rows, by default the rollout length.

        Raises:
            ShapeMismatch: image or joints of another size.
        """
