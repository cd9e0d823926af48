"""The scripted teacher of the pouring task: where the cup's lip goes, and the joints that bring it there."""

from dataclasses import dataclass
from math import atan2, hypot

import numpy as np
from jaxtyping import Float64

from hndp_core.tasks.panda.minimum_jerk import Window, progress
from hndp_core.tasks.panda.planar_kinematics import joints_for, tool_pose
from hndp_core.tasks.panda.pouring_objects import CUP_LIP_IN_HAND_M
from hndp_core.tasks.panda.vessel import Vessel


@dataclass(frozen=True)
class PouringMotion:
    """A pour as overlapping minimum-jerk moves of the cup's lip, in the vertical plane of the target.

    Attributes:
        short_m: distance of the lip before the target's axis while it pours; almonds fly that far.
        above_m: height of the lip over the target's rim while it pours.
        ready_m: the same when the cup has come near, still holding all almonds.
        ready_tilt_rad: tilt of the cup at that moment: none leaves yet, and its side clears the target.
        pour_tilt_rad: tilt at the end, past level, so that the cup empties.
        approach_s: when the lip moves over the target.
        ready_s: when the cup tilts so far that it is ready.
        descend_s: when the lip comes down to the height at which it pours.
        pour_s: when the cup tilts on and empties.
    """

    short_m: float = 0.026
    above_m: float = 0.022
    ready_m: float = 0.075
    ready_tilt_rad: float = 1.05
    pour_tilt_rad: float = 1.95
    approach_s: Window = (0.4, 3.4)
    ready_s: Window = (0.0, 3.0)
    descend_s: Window = (2.6, 4.6)
    pour_s: Window = (3.0, 6.2)


def pouring_path(
    x_m: float,
    y_m: float,
    home_joints: Float64[np.ndarray, " 7"],
    steps: int,
    rate_hz: float,
    target: Vessel,
    motion: PouringMotion | None = None,
) -> Float64[np.ndarray, "steps 7"]:
    """Return joint commands [rad] that pour into a cup at (x, y) [m], starting from home.

    Row t is the command for time (t + 1) / rate_hz.

    The whole path is a smooth function of the cup's position: distance and bearing enter linearly
    before the inverse kinematics, and that has one branch.

    Raises:
        PoseOutOfReach: the target is too far away.
    """
    motion = motion or PouringMotion()
    time_s = np.arange(1, steps + 1) / rate_hz
    radius, bearing = hypot(x_m, y_m), atan2(y_m, x_m)
    _, home_r, home_z, home_lean = tool_pose(home_joints, CUP_LIP_IN_HAND_M)
    approach, descend = progress(time_s, motion.approach_s), progress(time_s, motion.descend_s)
    ready, pour = progress(time_s, motion.ready_s), progress(time_s, motion.pour_s)

    r = home_r + approach * (radius - motion.short_m - home_r)
    z = home_z + approach * (target.height_m + motion.ready_m - home_z)
    z -= descend * (motion.ready_m - motion.above_m)
    tilt = ready * motion.ready_tilt_rad + pour * (motion.pour_tilt_rad - motion.ready_tilt_rad)
    return joints_for(approach * bearing, r, z, home_lean - tilt, CUP_LIP_IN_HAND_M)
