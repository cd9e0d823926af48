"""What scooping and pouring share in MuJoCo: a vessel on the table, and almonds."""

from abc import abstractmethod
from typing import Final

import numpy as np
from jaxtyping import Float64

from hndp_core.tasks.panda.almonds import POSE_SIZE, put_pile
from hndp_core.tasks.panda.arm_scene import PHYSICS_STEP_S
from hndp_core.tasks.panda.object_scene import ObjectScene
from hndp_core.tasks.panda.simulator import Model, mujoco
from hndp_core.tasks.task import Task
from hndp_core.tasks.variation import SceneVariation

_SETTLE_S: Final = 1.2


class AlmondScene(ObjectScene):
    """A scene whose object is a vessel. In the model the arm's joints come first, then the almonds."""

    def __init__(self, task: Task, model: Model, tool: str, loose: Float64[np.ndarray, "almonds 7"]) -> None:
        """Let the almonds settle, and see that images can be rendered.

        Args:
            task: names rates, sizes, the workspace and the level.
            model: of arm, objects and camera.
            tool: name of the body in the hand.
            loose: poses from which almonds fall into their vessel, relative to it.
        """
        super().__init__(task, model, tool)
        self._pile = self._settle(loose)
        self.observe(task.image_size)  # a missing graphics library shows now, not mid-trial

    @abstractmethod
    def _pile_place(self, turn_rad: float) -> tuple[Float64[np.ndarray, "3"], float]:
        """Return where the vessel with the almonds is at the start [m], and how far its pile is turned [rad].

        The arm and the vessel on the table have been placed; `turn_rad` is the variation's turn.
        """

    def _arrange(self, variation: SceneVariation) -> None:
        """Put the pile into its vessel."""
        put_pile(self._almonds(), self._pile, *self._pile_place(variation.object_turn_rad))

    def _almonds(self) -> Float64[np.ndarray, "almonds 7"]:
        """Return a view of the almonds' poses."""
        return self._data.qpos[self._task.dof :].reshape(-1, POSE_SIZE)

    def _in_frame_of(self, body: str) -> Float64[np.ndarray, "almonds 3"]:
        """Return the almonds' positions in the frame of a body [m]."""
        frame = self._data.body(body)
        return (self._almonds()[:, :3] - frame.xpos) @ frame.xmat.reshape(3, 3)

    def _settle(self, loose: Float64[np.ndarray, "almonds 7"]) -> Float64[np.ndarray, "almonds 7"]:
        """Drop the almonds into their vessel; return their poses at rest, relative to it.

        Vessels are filled once: a reset only moves the pile, which is quick and the same every time.
        """
        self._pile = loose
        centre_x = (self._task.workspace.x_min_m + self._task.workspace.x_max_m) / 2
        self._place(centre_x, 0.0, SceneVariation.none())
        place_m, _ = self._pile_place(0.0)
        mujoco.mj_step(self._model, self._data, round(_SETTLE_S / PHYSICS_STEP_S))
        settled = self._almonds().copy()
        settled[:, :3] -= place_m
        return settled
