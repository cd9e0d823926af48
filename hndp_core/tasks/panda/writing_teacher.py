"""The scripted teacher of the writing task: where the pen's tip goes, and the joints that bring it there."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from jaxtyping import Float64
from scipy.ndimage import gaussian_filter1d

from hndp_core.tasks.panda.minimum_jerk import Window, progress
from hndp_core.tasks.panda.planar_kinematics import joints_for, tool_pose
from hndp_core.tasks.panda.writing_objects import BOARD_TOP_M, PEN_TIP_IN_HAND_M

SLOW_BEND_RADIUS_M: Final = 0.04
"""Tighter bends than this are written noticeably slower."""

BRAKING_WAY_M: Final = 0.005


@dataclass(frozen=True)
class WritingMotion:
    """Writing as overlapping minimum-jerk moves of the tip of an upright pen.

    Attributes:
        above_m: height of the tip over the stroke's first point before it comes down.
        press_m: how far the tip is commanded below the board's surface; the pen's spring gives way.
        approach_s: when the tip moves over the first point.
        descend_s: when it comes down.
        write_s: when it follows the stroke.
        lift_s: when it goes up again.
        retreat_s: when it moves back towards where it came from, so that the ink can be seen.
        retreat_share: part of the way back that it makes; all of it in so short a time comes near the arm's
            limits, and a plan that is learned needs a margin.
    """

    above_m: float = 0.03
    press_m: float = 0.004
    approach_s: Window = (0.0, 1.1)
    descend_s: Window = (0.5, 1.3)
    write_s: Window = (1.3, 5.7)
    lift_s: Window = (5.8, 6.9)
    retreat_s: Window = (5.9, 6.9)
    retreat_share: float = 0.4


def writing_path(
    stroke_m: Float64[np.ndarray, "points 2"],
    home_joints: Float64[np.ndarray, " 7"],
    steps: int,
    rate_hz: float,
    motion: WritingMotion | None = None,
) -> Float64[np.ndarray, "steps 7"]:
    """Return joint commands [rad] that write a stroke, from home and back above the board.

    Row t is the command for time (t + 1) / rate_hz.

    Args:
        stroke_m: x, y of points along the stroke, in the robot's base frame [m]
        home_joints: where the arm starts [rad]
        steps: length of the path
        rate_hz: control steps a second
        motion: timing and heights

    Raises:
        PoseOutOfReach: the stroke leaves what the arm reaches.
    """
    motion = motion or WritingMotion()
    time_s = np.arange(1, steps + 1) / rate_hz
    bearing, home_r, home_z, lean = tool_pose(home_joints, PEN_TIP_IN_HAND_M)
    home = home_r * np.array([np.cos(bearing), np.sin(bearing)])
    approach, descend = progress(time_s, motion.approach_s), progress(time_s, motion.descend_s)
    lift, retreat = progress(time_s, motion.lift_s), progress(time_s, motion.retreat_s)

    # Points of a stroke are close together, so straight lines between them are as good as the curve.
    way = _effort(stroke_m)
    written = way[-1] * progress(time_s, motion.write_s)
    place = np.stack([np.interp(written, way, stroke_m[:, axis]) for axis in range(2)], axis=1)
    place += (1 - approach)[:, None] * (home - stroke_m[0])
    place += motion.retreat_share * retreat[:, None] * (home - stroke_m[-1])

    low_z = BOARD_TOP_M - motion.press_m
    above_z = BOARD_TOP_M + motion.above_m
    z = home_z + approach * (above_z - home_z) + descend * (low_z - above_z) + lift * (home_z - low_z)
    x, y = place.T
    return joints_for(np.arctan2(y, x), np.hypot(x, y), z, np.full(steps, lean), PEN_TIP_IN_HAND_M)


def _effort(stroke_m: Float64[np.ndarray, "points 2"]) -> Float64[np.ndarray, " points"]:
    """Return the way to each point [m], counted longer where it bends, so that bends are written slowly.

    Speed falls with the root of one plus curvature, which bounds the acceleration across the path.
    """
    tangents = np.gradient(stroke_m, axis=0)
    bends = np.gradient(tangents, axis=0)
    speed = np.linalg.norm(tangents, axis=1)
    curvature = np.abs(tangents[:, 0] * bends[:, 1] - tangents[:, 1] * bends[:, 0]) / speed**3
    lengths = np.linalg.norm(np.diff(stroke_m, axis=0), axis=1)
    slowness = np.sqrt(1.0 + curvature * SLOW_BEND_RADIUS_M)
    # The pen slows down before the bend.
    slowness = gaussian_filter1d(slowness, BRAKING_WAY_M / lengths.mean(), mode="nearest")
    return np.concatenate([[0.0], np.cumsum(lengths * (slowness[1:] + slowness[:-1]) / 2)])
