"""What plans a trial: a policy from its file."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from hndp_core.data.artefact_store import ArtefactStore
from hndp_core.learning.optimise import torch_threads
from hndp_core.policies import GlobalPolicy, LocalPolicies, Network, parse_checkpoint
from hndp_core.robots.robot import Robot
from hndp_core.rollout import RolloutRecord
from hndp_core.tasks.camera_format import STILL_HEIGHT, STILL_WIDTH

PLANNING_THREADS: Final = 1  # the bits of a plan depend on it; `hndp run` plans with one, too


@dataclass(frozen=True)
class StoredPolicy:
    """Where a policy is kept.

    Attributes:
        key: of its file
        sha256: that the file must have
        expert: which of the local policies in it; None for a global one
    """

    key: str
    sha256: str
    expert: int | None


class PlannerMaker:
    """Makes planners. The last policy is kept for the trials that follow."""

    def __init__(self, store: ArtefactStore) -> None:
        self._store = store
        self._kept: tuple[str, Network] | None = None

    def planner(self, stored: StoredPolicy) -> "TrialPlanner":
        """
        Raises:
            MissingArtefact, DamagedArtefact: the policy's file is gone, or another than was stored.
        """
        if self._kept is None or self._kept[0] != stored.sha256:
            content = self._store.read(stored.key, expected_sha256=stored.sha256)
            self._kept = (stored.sha256, parse_checkpoint(content))
        return TrialPlanner(self._kept[1], stored.expert)


class TrialPlanner:
    """Plans as a policy does, and remembers what was asked and planned, for the record of a plan that is
    refused.
    """

    def __init__(self, policy: Network, expert: int | None) -> None:
        self._policy = policy
        self._expert = expert

    def __call__(self, image: np.ndarray, joints: np.ndarray, state: np.ndarray) -> np.ndarray:
        self._image, self._joints, self._state = image, joints, state
        with torch_threads(PLANNING_THREADS):
            self._planned = self._plan()
        return self._planned

    def unmoved(self, robot: Robot) -> RolloutRecord:
        """The record of a rollout that never moved."""
        picture = robot.capture(STILL_WIDTH, STILL_HEIGHT)
        return RolloutRecord(
            start_image=self._image,
            state=self._state,
            start_joints=self._joints,
            commanded=self._planned,
            slow_down=1.0,
            measured=np.empty((0, len(self._joints))),
            time_s=np.empty(0),
            frames=(),
            first_frame=picture,
            last_frame=picture,
            outcome=None,
            stopped=False,
        )

    def _plan(self) -> np.ndarray:
        if isinstance(self._policy, LocalPolicies):
            assert self._expert is not None
            return self._policy.plan(self._expert, self._state, self._joints)
        assert isinstance(self._policy, GlobalPolicy)
        return self._policy.plan(self._image, self._joints)
