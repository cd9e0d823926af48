"""The scooping task in MuJoCo."""

import numpy as np
from jaxtyping import Float64

from hndp_core.tasks.outcome import Outcome
from hndp_core.tasks.panda import scooping_objects as objects
from hndp_core.tasks.panda.almond_scene import AlmondScene, table_spec
from hndp_core.tasks.panda.almonds import add_almonds, loose_pile
from hndp_core.tasks.panda.arm import add_arm
from hndp_core.tasks.panda.camera import TABLE_VIEW, add_camera
from hndp_core.tasks.panda.scooping_teacher import scooping_path
from hndp_core.tasks.panda.simulator import Model
from hndp_core.tasks.region import Region
from hndp_core.tasks.task import Task
from hndp_core.tasks.variation import SceneVariation

RAISED_M = 0.15
"""Height of the spoon above the table from which it counts as raised."""

_LOOSE_SPREAD_M = 0.02


class ScoopingScene(AlmondScene):
    """Panda with spoon, bowl of almonds, camera. Privileged state: the bowl's x, y [m]."""

    def __init__(self, task: Task) -> None:
        loose = loose_pile(objects.ALMOND_COUNT, objects.BOWL.floor_top_m, _LOOSE_SPREAD_M)
        super().__init__(task, _build_model(), loose)

    def judge(self) -> Outcome:
        """Count the almonds that lie in the raised spoon."""
        inside = self._in_frame_of("spoon")
        held = (np.hypot(inside[:, 0], inside[:, 1]) < objects.SPOON_RADIUS_M) & (
            np.abs(inside[:, 2] - objects.SPOON_WALL_M) < objects.SPOON_WALL_M
        )
        height_m = float(self._data.body("spoon").xpos[2])
        count = int(held.sum())
        return Outcome(
            success=count >= 1 and height_m >= RAISED_M,
            measures={"almonds_in_spoon": float(count), "spoon_height_m": height_m},
        )

    def demonstrate(self, region: Region, variation: SceneVariation) -> Float64[np.ndarray, "steps dof"]:
        """Return the scripted teacher's joint commands [rad] for the bowl's true position."""
        shift_x, shift_y = variation.object_shift_m
        return scooping_path(
            region.x_m + shift_x,
            region.y_m + shift_y,
            self.home_joints,
            self._task.rollout_length,
            self.control_rate_hz,
        )

    def _pile_place(self, turn_rad: float) -> tuple[Float64[np.ndarray, "3"], float]:
        """The bowl turns with its almonds."""
        return self._data.mocap_pos[0], turn_rad


def _build_model() -> Model:
    spec = table_spec()
    hand = add_arm(spec)
    objects.add_spoon(hand)
    objects.add_bowl(spec)
    add_almonds(spec, objects.ALMOND_COUNT)
    add_camera(spec, TABLE_VIEW)
    return spec.compile()
