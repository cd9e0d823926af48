"""The scripted teacher of the scooping task: where the spoon goes, and the joints that bring it there."""

from dataclasses import dataclass
from math import atan2, hypot

import numpy as np
from jaxtyping import Float64

from hndp_core.tasks.panda.minimum_jerk import Window, progress
from hndp_core.tasks.panda.planar_kinematics import joints_for, tool_pose
from hndp_core.tasks.panda.scooping_objects import SPOON_LEVEL_LEAN_RAD, ScoopingObjects


@dataclass(frozen=True)
class ScoopingMotion:
    """A scoop as overlapping minimum-jerk moves of the spoon's lip, in the vertical plane of the bowl.

    Attributes:
        enter_m: distance of the lip beyond the centre of a bowl of size 1 when it touches down.
        sweep_end_m: the same at the end of the sweep through the almonds.
        above_m: height over the touch-down point from which the spoon goes straight down.
        clearance_m: gap between lip and bowl floor during the sweep.
        scoop_tilt_rad: angle of the spoon during the sweep, lip down.
        raised_tilt_rad: angle of the raised spoon, lip up.
        raised_height_m: height above the table to which the lip is lifted.
        carry_radius_m: distance from the base towards which the raised spoon is carried.
        carry_share: part of the way there that it is carried.
        approach_s: when the lip moves over the touch-down point.
        descend_s: when it comes down.
        sweep_s: when it moves through the almonds.
        level_s: when the spoon turns from lip down to lip up.
        lift_s: when it is lifted.
        carry_s: when it is carried.
    """

    enter_m: float = 0.006
    sweep_end_m: float = 0.042
    above_m: float = 0.08
    clearance_m: float = 0.002
    scoop_tilt_rad: float = 0.28
    raised_tilt_rad: float = 0.12
    raised_height_m: float = 0.24
    carry_radius_m: float = 0.60
    carry_share: float = 0.5
    approach_s: Window = (0.0, 3.4)
    descend_s: Window = (1.8, 3.5)
    sweep_s: Window = (3.3, 4.8)
    level_s: Window = (4.1, 5.3)
    lift_s: Window = (4.7, 6.9)
    carry_s: Window = (4.8, 6.9)


def scooping_path(
    x_m: float,
    y_m: float,
    home_joints: Float64[np.ndarray, " 7"],
    steps: int,
    rate_hz: float,
    objects: ScoopingObjects,
    motion: ScoopingMotion | None = None,
) -> Float64[np.ndarray, "steps 7"]:
    """Return joint commands [rad] that scoop from a bowl at (x, y) [m], starting from home.

    Row t is the command for time (t + 1) / rate_hz.

    The whole path is a smooth function of the bowl's position: distance and bearing enter linearly
    before the inverse kinematics, and that has one branch.

    Raises:
        PoseOutOfReach: the bowl is too far away.
    """
    motion = motion or ScoopingMotion()
    time_s = np.arange(1, steps + 1) / rate_hz
    radius, bearing = hypot(x_m, y_m), atan2(y_m, x_m)
    lip_m, bowl = objects.spoon_lip_in_hand_m, objects.bowl
    _, home_r, home_z, home_lean = tool_pose(home_joints, lip_m)
    approach, descend = progress(time_s, motion.approach_s), progress(time_s, motion.descend_s)
    sweep, level = progress(time_s, motion.sweep_s), progress(time_s, motion.level_s)
    lift, carry = progress(time_s, motion.lift_s), progress(time_s, motion.carry_s)

    enter_r, end_r = radius + objects.size * motion.enter_m, radius + objects.size * motion.sweep_end_m
    carried_r = end_r + motion.carry_share * (motion.carry_radius_m - end_r)
    r = home_r + approach * (enter_r - home_r) + sweep * (end_r - enter_r) + carry * (carried_r - end_r)

    low_z = bowl.floor_top_m + motion.clearance_m
    above_z = low_z + motion.above_m
    z = home_z + approach * (above_z - home_z) - descend * motion.above_m
    z += lift * (motion.raised_height_m - low_z)

    scoop_lean = SPOON_LEVEL_LEAN_RAD - motion.scoop_tilt_rad
    turn_up = motion.scoop_tilt_rad + motion.raised_tilt_rad
    lean = home_lean + approach * (scoop_lean - home_lean) + level * turn_up
    return joints_for(approach * bearing, r, z, lean, lip_m)
