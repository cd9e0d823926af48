"""A scene about one object on the table, whatever is done with it."""

from abc import abstractmethod
from collections.abc import Callable
from typing import Final

import numpy as np
from jaxtyping import Float64, UInt8

from hndp_core.seeding import seed_for
from hndp_core.tasks.panda.arm_scene import ArmScene
from hndp_core.tasks.panda.distractors import distractor_geoms, scatter
from hndp_core.tasks.panda.simulator import Model, mujoco
from hndp_core.tasks.panda.solid import about_vertical
from hndp_core.tasks.region import Region
from hndp_core.tasks.task import Task
from hndp_core.tasks.variation import SceneVariation

LABEL_NOISE_M: Final = 0.003
"""Deviation of the approximate positions that pretraining gets (H-NDP Sec. IV-C)."""


class ObjectScene(ArmScene):
    """A scene with one object, which is the model's only mocap body: only a reset moves it.

    Privileged state: the object's x, y [m]. A kind of scene says how it is taught, judged, and what lies
    about besides.
    """

    def __init__(self, task: Task, model: Model, tool: str) -> None:
        """Take over the model.

        Args:
            task: names rates, sizes, the workspace and the level.
            model: of arm, object and camera.
            tool: name of the body in the hand.
        """
        super().__init__(task, model, tool)
        self._distractors = distractor_geoms(self._model)

    @abstractmethod
    def _teach(self, x_m: float, y_m: float) -> Float64[np.ndarray, "steps dof"]:
        """Return joint commands [rad] that do the task with the object at (x, y) [m]."""

    def _arrange(self, variation: SceneVariation) -> None:
        """Put down what else there is; arm and object have been placed."""

    def demonstrate(self, region: Region, variation: SceneVariation) -> Float64[np.ndarray, "steps dof"]:
        """Return joint commands [rad] for the object's true place, as the level's hand would show them."""
        shift_x, shift_y = variation.object_shift_m
        return self._by_hand(self._teach(region.x_m + shift_x, region.y_m + shift_y), variation)

    def reset(self, region: Region, variation: SceneVariation) -> None:
        """Place the object in the region, varied; put the arm at home, at rest."""
        shift_x, shift_y = variation.object_shift_m
        self._place(region.x_m + shift_x, region.y_m + shift_y, variation)

    def state(self) -> Float64[np.ndarray, " state"]:
        """Return the true x, y of the object [m]."""
        return self._data.mocap_pos[0, :2].copy()

    def pretraining_samples(
        self, count: int, seed: int, on_image: Callable[[int], None] = lambda made: None
    ) -> tuple[UInt8[np.ndarray, "count height width 3"], Float64[np.ndarray, "count 2"]]:
        """Return start images of the object all over the workspace and where it is, to a few mm [m]."""
        generator = np.random.default_rng(seed_for(seed, "pose samples"))
        space, size = self._task.workspace, self._task.image_size
        low, high = (space.x_min_m, space.y_min_m), (space.x_max_m, space.y_max_m)
        positions = generator.uniform(low, high, (count, 2))
        images = np.empty((count, size, size, 3), np.uint8)
        for number, (x, y) in enumerate(positions):
            self._place(x, y, self._task.variation(seed_for(seed, "pose sample", number)))
            images[number] = self.observe(size)
            on_image(number + 1)
        return images, positions + generator.normal(0.0, LABEL_NOISE_M, (count, 2))

    def _place(self, x_m: float, y_m: float, variation: SceneVariation) -> None:
        """Set the whole state: nothing of what happened before remains, the solver's warm start included."""
        self._begin(variation)
        self._data.mocap_pos[0] = (x_m, y_m, 0.0)
        self._data.mocap_quat[0] = about_vertical(variation.object_turn_rad)
        self._arrange(variation)
        space, seed = self._task.workspace, variation.distractor_seed
        scatter(self._model, self._distractors, space, (x_m, y_m), seed)
        mujoco.mj_forward(self._model, self._data)
