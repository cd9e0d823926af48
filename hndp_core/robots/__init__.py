"""Robots behind one contract, their limits, and the check before motion."""

from hndp_core.robots.limits import PANDA_LIMITS, JointLimits
from hndp_core.robots.robot import Execution, NotConnected, OnStep, Robot, ShouldStop
from hndp_core.robots.safety import check_trajectory
from hndp_core.robots.simulated import SimulatedRobot

__all__ = [
    "PANDA_LIMITS",
    "Execution",
    "JointLimits",
    "NotConnected",
    "OnStep",
    "Robot",
    "ShouldStop",
    "SimulatedRobot",
    "check_trajectory",
]
