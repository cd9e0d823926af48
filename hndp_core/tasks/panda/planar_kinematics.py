"""Inverse kinematics of the Panda in the vertical plane through its base, in closed form.

With joints 3 and 5 at zero the arm is a planar one: joint 1 alone turns the plane to the bearing of the
object, so the tool's yaw follows the bearing, and joints 2, 4 and 6 place the tool in it. The posture in
the null space is thus held for good, there is one branch (elbow up), and the joints are smooth functions
of the tool's pose: no jump between branches can occur.

Plane coordinates: r, horizontal distance from the base axis [m]; z, height [m].
"""

from math import pi

import numpy as np
from jaxtyping import Float64

from hndp_core.errors import HndpError

_SHOULDER_Z_M = 0.333
_UPPER_ARM_M = 0.316
_FOREARM_M = 0.384
_ELBOW_OFFSET_M = 0.0825
_WRIST_OFFSET_M = 0.088
_HAND_M = 0.107
_JOINT_7_RAD = pi / 4

_UPPER = float(np.hypot(_UPPER_ARM_M, _ELBOW_OFFSET_M))
_LOWER = float(np.hypot(_FOREARM_M, _ELBOW_OFFSET_M))
_STRAIGHT_RAD = 2 * pi - np.arctan2(_UPPER_ARM_M, _ELBOW_OFFSET_M) - np.arctan2(_FOREARM_M, _ELBOW_OFFSET_M)
"""Inner angle of the elbow at joint 4 = 0, between the lines to shoulder and wrist."""


class PoseOutOfReach(HndpError, ValueError):
    """A tool pose that no joint position reaches."""

    def __init__(self, r_m: float, z_m: float) -> None:
        super().__init__(
            f"The arm cannot bring its wrist to r = {r_m:.3f} m, z = {z_m:.3f} m: bring the object closer."
        )


def joints_for(
    bearing_rad: Float64[np.ndarray, " steps"],
    r_m: Float64[np.ndarray, " steps"],
    z_m: Float64[np.ndarray, " steps"],
    lean_rad: Float64[np.ndarray, " steps"],
    tool_m: tuple[float, float],
) -> Float64[np.ndarray, "steps 7"]:
    """Return joints [rad] that bring a point of the tool to (bearing, r, z) with the hand leaning.

    Args:
        bearing_rad: direction of the vertical plane, atan2(y, x).
        r_m: distance of the tool point from the base axis.
        z_m: height of the tool point.
        lean_rad: angle of the hand against straight down; positive points it away from the base.
        tool_m: (x, z) of the tool point in the hand's frame.

    Raises:
        PoseOutOfReach: a pose beyond the arm's length.
    """
    wrist_r, wrist_z = _wrist(r_m, z_m, lean_rad, tool_m)
    up = wrist_z - _SHOULDER_Z_M
    distance = np.hypot(wrist_r, up)
    elbow_cos = (_UPPER**2 + _LOWER**2 - distance**2) / (2 * _UPPER * _LOWER)
    shoulder_cos = (_UPPER**2 + distance**2 - _LOWER**2) / (2 * _UPPER * distance)
    bad = np.abs(elbow_cos) > 1
    if bad.any():
        raise PoseOutOfReach(float(wrist_r[bad][0]), float(wrist_z[bad][0]))
    joint_4 = np.arccos(elbow_cos) - _STRAIGHT_RAD
    joint_2 = np.arctan2(wrist_r, up) - np.arccos(shoulder_cos) - np.arctan2(_ELBOW_OFFSET_M, _UPPER_ARM_M)
    joint_6 = joint_2 - joint_4 + lean_rad
    zero = np.zeros_like(joint_2)
    return np.stack([bearing_rad, joint_2, zero, joint_4, zero, joint_6, zero + _JOINT_7_RAD], axis=1)


def tool_pose(
    joints: Float64[np.ndarray, " 7"], tool_m: tuple[float, float]
) -> tuple[float, float, float, float]:
    """Return (bearing [rad], r [m], z [m], lean [rad]) of a tool point; joints 3 and 5 must be zero."""
    bearing, joint_2, _, joint_4, _, joint_6, _ = joints
    forearm = joint_2 - joint_4
    lean = joint_6 - forearm
    elbow_r = _UPPER_ARM_M * np.sin(joint_2) + _ELBOW_OFFSET_M * np.cos(joint_2)
    elbow_z = _SHOULDER_Z_M + _UPPER_ARM_M * np.cos(joint_2) - _ELBOW_OFFSET_M * np.sin(joint_2)
    wrist_r = elbow_r + _FOREARM_M * np.sin(forearm) - _ELBOW_OFFSET_M * np.cos(forearm)
    wrist_z = elbow_z + _FOREARM_M * np.cos(forearm) + _ELBOW_OFFSET_M * np.sin(forearm)
    across, along = _WRIST_OFFSET_M + tool_m[0], _HAND_M + tool_m[1]
    r = wrist_r + across * np.cos(lean) + along * np.sin(lean)
    z = wrist_z + across * np.sin(lean) - along * np.cos(lean)
    return float(bearing), float(r), float(z), float(lean)


def _wrist(
    r_m: Float64[np.ndarray, " steps"],
    z_m: Float64[np.ndarray, " steps"],
    lean_rad: Float64[np.ndarray, " steps"],
    tool_m: tuple[float, float],
) -> tuple[Float64[np.ndarray, " steps"], Float64[np.ndarray, " steps"]]:
    """Return where joint 6 must be for the tool point to be at (r, z)."""
    across, along = _WRIST_OFFSET_M + tool_m[0], _HAND_M + tool_m[1]
    wrist_r = r_m - across * np.cos(lean_rad) - along * np.sin(lean_rad)
    wrist_z = z_m - across * np.sin(lean_rad) + along * np.cos(lean_rad)
    return wrist_r, wrist_z
