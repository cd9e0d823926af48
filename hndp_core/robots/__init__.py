"""Robots behind one contract, their limits, and the check before motion."""

from hndp_core.robots.connection import (
    ArmRefused,
    Connection,
    NoGripper,
    NotConnected,
    NotGuided,
    NothingPrepared,
    RobotBusy,
    RobotLost,
)
from hndp_core.robots.limits import PANDA_LIMITS, JointLimits
from hndp_core.robots.robot import Execution, OnStep, Robot, ShouldStop
from hndp_core.robots.safety import check_trajectory
from hndp_core.robots.simulated import SimulatedRobot

__all__ = [
    "PANDA_LIMITS",
    "ArmRefused",
    "Connection",
    "Execution",
    "JointLimits",
    "NoGripper",
    "NotConnected",
    "NotGuided",
    "NothingPrepared",
    "OnStep",
    "Robot",
    "RobotBusy",
    "RobotLost",
    "ShouldStop",
    "SimulatedRobot",
    "check_trajectory",
]
