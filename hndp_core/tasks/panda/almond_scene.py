"""What scooping and pouring share in MuJoCo: a vessel on the table, and almonds."""

from abc import abstractmethod
from collections.abc import Callable
from typing import Final

import numpy as np
from jaxtyping import Float64, UInt8

from hndp_core.seeding import seed_for
from hndp_core.tasks.panda.almonds import POSE_SIZE, about_vertical, put_pile
from hndp_core.tasks.panda.arm_scene import PHYSICS_STEP_S, ArmScene
from hndp_core.tasks.panda.distractors import distractor_geoms, scatter
from hndp_core.tasks.panda.simulator import Model, mujoco
from hndp_core.tasks.region import Region
from hndp_core.tasks.task import Task
from hndp_core.tasks.variation import SceneVariation

LABEL_NOISE_M: Final = 0.003
"""Deviation of the approximate positions that pretraining gets (H-NDP Sec. IV-C)."""

_SETTLE_S: Final = 1.2


class AlmondScene(ArmScene):
    """A scene whose object is the one vessel that stands on the table (a mocap body: only a reset moves it).

    Privileged state: that vessel's x, y [m]. In the model the arm's joints come first, then the almonds.
    """

    def __init__(self, task: Task, model: Model, tool: str, loose: Float64[np.ndarray, "almonds 7"]) -> None:
        """Let the almonds settle, and see that images can be rendered.

        Args:
            task: names rates, sizes, the workspace and the level.
            model: of arm, objects and camera.
            tool: name of the body in the hand.
            loose: poses from which almonds fall into their vessel, relative to it.
        """
        super().__init__(task, model, tool)
        self._distractors = distractor_geoms(self._model)
        self._pile = self._settle(loose)
        self.render(task.image_size, task.image_size)  # a missing graphics library shows now, not mid-trial

    @abstractmethod
    def _pile_place(self, turn_rad: float) -> tuple[Float64[np.ndarray, "3"], float]:
        """Return where the vessel with the almonds is at the start [m], and how far its pile is turned [rad].

        The arm and the vessel on the table have been placed; `turn_rad` is the variation's turn.
        """

    @abstractmethod
    def _teach(self, x_m: float, y_m: float) -> Float64[np.ndarray, "steps dof"]:
        """Return joint commands [rad] that do the task with the vessel on the table at (x, y) [m]."""

    def demonstrate(self, region: Region, variation: SceneVariation) -> Float64[np.ndarray, "steps dof"]:
        """Return joint commands [rad] for the vessel's true place, as the level's hand would show them."""
        shift_x, shift_y = variation.object_shift_m
        return self._by_hand(self._teach(region.x_m + shift_x, region.y_m + shift_y), variation)

    def reset(self, region: Region, variation: SceneVariation) -> None:
        """Place the vessel in the region, varied, and the almonds; put the arm at home, at rest."""
        shift_x, shift_y = variation.object_shift_m
        self._place(region.x_m + shift_x, region.y_m + shift_y, variation)

    def state(self) -> Float64[np.ndarray, " state"]:
        """Return the true x, y of the vessel on the table [m]."""
        return self._data.mocap_pos[0, :2].copy()

    def pretraining_samples(
        self, count: int, seed: int, on_image: Callable[[int], None] = lambda made: None
    ) -> tuple[UInt8[np.ndarray, "count height width 3"], Float64[np.ndarray, "count 2"]]:
        """Return start images of vessels all over the workspace and where they stand, to a few mm [m]."""
        generator = np.random.default_rng(seed_for(seed, "pose samples"))
        space, size = self._task.workspace, self._task.image_size
        low, high = (space.x_min_m, space.y_min_m), (space.x_max_m, space.y_max_m)
        positions = generator.uniform(low, high, (count, 2))
        images = np.empty((count, size, size, 3), np.uint8)
        for number, (x, y) in enumerate(positions):
            self._place(x, y, self._task.variation(seed_for(seed, "pose sample", number)))
            images[number] = self.render(size, size)
            on_image(number + 1)
        return images, positions + generator.normal(0.0, LABEL_NOISE_M, (count, 2))

    def _almonds(self) -> Float64[np.ndarray, "almonds 7"]:
        """Return a view of the almonds' poses."""
        return self._data.qpos[self._task.dof :].reshape(-1, POSE_SIZE)

    def _in_frame_of(self, body: str) -> Float64[np.ndarray, "almonds 3"]:
        """Return the almonds' positions in the frame of a body [m]."""
        frame = self._data.body(body)
        return (self._almonds()[:, :3] - frame.xpos) @ frame.xmat.reshape(3, 3)

    def _place(self, x_m: float, y_m: float, variation: SceneVariation) -> None:
        """Set the whole state: nothing of what happened before remains, the solver's warm start included."""
        self._begin(variation)
        data = self._data
        data.mocap_pos[0] = (x_m, y_m, 0.0)
        data.mocap_quat[0] = about_vertical(variation.object_turn_rad)
        put_pile(self._almonds(), self._pile, *self._pile_place(variation.object_turn_rad))
        space, seed = self._task.workspace, variation.distractor_seed
        scatter(self._model, self._distractors, space, (x_m, y_m), seed)
        mujoco.mj_forward(self._model, data)

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
