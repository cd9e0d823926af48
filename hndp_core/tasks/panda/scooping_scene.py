"""The scooping task in MuJoCo."""

import numpy as np
from jaxtyping import Float64

from hndp_core.tasks.outcome import Outcome
from hndp_core.tasks.panda.almond_scene import AlmondScene
from hndp_core.tasks.panda.almonds import add_almonds, loose_pile
from hndp_core.tasks.panda.arm import add_arm
from hndp_core.tasks.panda.arm_scene import table_spec
from hndp_core.tasks.panda.camera import add_camera
from hndp_core.tasks.panda.distractors import add_distractors
from hndp_core.tasks.panda.scooping_objects import SPOON_WALL_M, ScoopingObjects, add_bowl, add_spoon
from hndp_core.tasks.panda.scooping_teacher import scooping_path
from hndp_core.tasks.panda.simulator import Model
from hndp_core.tasks.region import Region
from hndp_core.tasks.task import Task
from hndp_core.tasks.view import TABLE_VIEW

RAISED_M = 0.15
"""Height of the spoon above the table from which it counts as raised."""

_LOOSE_SPREAD_M = 0.02


class ScoopingScene(AlmondScene):
    """Panda with spoon, bowl of almonds, camera. Privileged state: the bowl's x, y [m]."""

    def __init__(self, task: Task, least_almonds: int) -> None:
        """Build the scene; `least_almonds` in the raised spoon make a success."""
        self._least_almonds = least_almonds
        self._objects = ScoopingObjects(size=task.level.tolerance)
        self.guided_tool = self._objects.guided_spoon
        spread_m = _LOOSE_SPREAD_M * self._objects.size
        loose = loose_pile(self._objects.almonds, self._objects.bowl.floor_top_m, spread_m)
        super().__init__(task, _build_model(self._objects, task.level.variation.distractors), "spoon", loose)

    def judge(self) -> Outcome:
        """Count the almonds that lie in the raised spoon."""
        inside = self._in_frame_of("spoon")
        held = (np.hypot(inside[:, 0], inside[:, 1]) < self._objects.spoon_radius_m) & (
            np.abs(inside[:, 2] - SPOON_WALL_M) < SPOON_WALL_M
        )
        height_m = float(self._data.body("spoon").xpos[2])
        count = int(held.sum())
        return Outcome(
            success=count >= self._least_almonds and height_m >= RAISED_M,
            measures={"almonds_in_spoon": float(count), "spoon_height_m": height_m},
        )

    def _teach(self, x_m: float, y_m: float) -> Float64[np.ndarray, "steps dof"]:
        """Scoop from the bowl."""
        steps, rate_hz = self._task.rollout_length, self.control_rate_hz
        return scooping_path(x_m, y_m, self.home_joints, steps, rate_hz, self._objects)

    def _outline(self, region: Region) -> Float64[np.ndarray, "points 3"]:
        """Return the rim of the bowl."""
        return self._objects.bowl.rim(region.x_m, region.y_m)

    def _pile_place(self, turn_rad: float) -> tuple[Float64[np.ndarray, "3"], float]:
        """The bowl turns with its almonds."""
        return self._data.mocap_pos[0], turn_rad


def _build_model(objects: ScoopingObjects, distractors: int) -> Model:
    spec = table_spec()
    hand = add_arm(spec)
    add_spoon(hand, objects)
    add_bowl(spec, objects.bowl)
    add_almonds(spec, objects.almonds)
    add_distractors(spec, distractors)
    add_camera(spec, TABLE_VIEW)
    return spec.compile()
