"""Rollouts: a policy or a trajectory executed once on a robot."""

from hndp_core.rollout.rollout import Observation, Planner, RolloutRecord, execute, observe

__all__ = ["Observation", "Planner", "RolloutRecord", "execute", "observe"]
