"""Rollouts: a policy or a trajectory executed once on a robot."""

from hndp_core.rollout.rollout import Planner, RolloutRecord, execute

__all__ = ["Planner", "RolloutRecord", "execute"]
