"""Limits of position, velocity and acceleration in one, for differential inverse kinematics."""

import numpy as np
from jaxtyping import Float64

from hndp_core.errors import InvalidSetting
from hndp_core.robots.limits import JointLimits
from hndp_core.tasks.panda.differential_kinematics import mink


class JointMotionLimit(mink.Limit):
    """The joint steps after which the arm still keeps all limits, and can still brake before its ends.

    A step at v moves on by v dt, and braking from it at a takes at most v^2 / 2a more: what satisfies
    v dt + v^2 / 2a <= distance to the end leaves, one step later, room to go on in the same way. So the box
    of allowed steps is never empty, whatever is asked for.
    """

    def __init__(self, limits: JointLimits, velocity_share: float, acceleration_share: float) -> None:
        """Take a share, above 0 and at most 1, of what the arm allows.

        Raises:
            InvalidSetting: a share out of range.
        """
        for name, share in (("velocity_share", velocity_share), ("acceleration_share", acceleration_share)):
            if not 0 < share <= 1:
                raise InvalidSetting(name, share, "use more than 0, at most 1")
        self._low, self._high = limits.position_range()
        self._velocity = velocity_share * np.array(limits.velocity)
        self._acceleration = acceleration_share * np.array(limits.acceleration)
        self.moving = np.zeros(limits.dof)
        """Joint velocities of the last step [rad/s]; whoever steps keeps them up."""

    def compute_qp_inequalities(self, configuration: mink.Configuration, dt: float) -> mink.Constraint:
        """Return G and h of G step <= h, for the step [rad] of `dt` seconds."""
        least, greatest = self.velocities(configuration.q, dt)
        identity = np.eye(len(self.moving))
        return mink.Constraint(np.vstack([identity, -identity]), np.hstack([greatest, -least]) * dt)

    def velocities(
        self, joints: Float64[np.ndarray, " dof"], dt: float
    ) -> tuple[Float64[np.ndarray, " dof"], Float64[np.ndarray, " dof"]]:
        """Return least and greatest joint velocities of the next step [rad/s]."""
        change = self._acceleration * dt
        down = np.minimum(self._velocity, self._towards_end(joints - self._low, dt))
        up = np.minimum(self._velocity, self._towards_end(self._high - joints, dt))
        return np.maximum(self.moving - change, -down), np.minimum(self.moving + change, up)

    def _towards_end(self, distance: Float64[np.ndarray, " dof"], dt: float) -> Float64[np.ndarray, " dof"]:
        a = self._acceleration
        return a * (np.sqrt(dt**2 + 2 * np.maximum(distance, 0.0) / a) - dt)
