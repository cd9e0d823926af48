"""Pose estimation (GPS Sec. VI-C, Table II): which end of a convolutional network tells best where an object
is.
"""

from hndp_core.experiments.pose.pose_set import PoseSet, PoseSettings, render_poses

__all__ = ["PoseSet", "PoseSettings", "render_poses"]
