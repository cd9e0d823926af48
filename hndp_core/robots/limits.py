"""Limits of the Franka Panda, joints 1 to 7, as its maker publishes them."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64


@dataclass(frozen=True)
class JointLimits:
    """Limits of an arm, one entry a joint.

    Attributes:
        position_min: least joint position [rad].
        position_max: greatest joint position [rad].
        velocity: greatest joint speed [rad/s].
        acceleration: greatest joint acceleration [rad/s^2].
        jerk: greatest joint jerk [rad/s^3].
        torque_nm: greatest joint torque [Nm].
    """

    position_min: tuple[float, ...]
    position_max: tuple[float, ...]
    velocity: tuple[float, ...]
    acceleration: tuple[float, ...]
    jerk: tuple[float, ...]
    torque_nm: tuple[float, ...]

    @property
    def dof(self) -> int:
        """Number of joints."""
        return len(self.velocity)

    def position_range(self) -> tuple[Float64[np.ndarray, " dof"], Float64[np.ndarray, " dof"]]:
        """Return least and greatest joint positions [rad]."""
        return np.array(self.position_min), np.array(self.position_max)


PANDA_LIMITS = JointLimits(
    position_min=(-2.8973, -1.7628, -2.8973, -3.0718, -2.8973, -0.0175, -2.8973),
    position_max=(2.8973, 1.7628, 2.8973, -0.0698, 2.8973, 3.7525, 2.8973),
    velocity=(2.175, 2.175, 2.175, 2.175, 2.61, 2.61, 2.61),
    acceleration=(15.0, 7.5, 10.0, 12.5, 15.0, 20.0, 20.0),
    jerk=(7500.0, 3750.0, 5000.0, 6250.0, 7500.0, 10000.0, 10000.0),
    torque_nm=(87.0, 87.0, 87.0, 87.0, 12.0, 12.0, 12.0),
)
