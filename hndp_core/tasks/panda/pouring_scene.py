"""The pouring task in MuJoCo."""

from math import pi
from typing import Final

import numpy as np
from jaxtyping import Float64

from hndp_core.tasks.outcome import Outcome
from hndp_core.tasks.panda import pouring_objects as objects
from hndp_core.tasks.panda.almond_scene import AlmondScene
from hndp_core.tasks.panda.almonds import add_almonds, loose_pile
from hndp_core.tasks.panda.arm import add_arm
from hndp_core.tasks.panda.arm_scene import table_spec
from hndp_core.tasks.panda.camera import add_camera
from hndp_core.tasks.panda.distractors import add_distractors
from hndp_core.tasks.panda.pouring import POURING_VIEW
from hndp_core.tasks.panda.pouring_teacher import pouring_path
from hndp_core.tasks.panda.simulator import Model, mujoco
from hndp_core.tasks.panda.vessel import SIDES, Vessel
from hndp_core.tasks.region import Region
from hndp_core.tasks.task import Task

LEAST_POURED: Final = 0.8
"""Share of the almonds that a successful pour brings into the target."""

_LOOSE_SPREAD_M: Final = 0.008


class PouringScene(AlmondScene):
    """Panda with a cup of almonds, target cup, camera. Privileged state: the target's x, y [m]."""

    def __init__(self, task: Task) -> None:
        self._target = objects.target_of(task.level.tolerance)
        self.guided_tool = objects.guided_cup(self._target)
        loose = loose_pile(objects.ALMOND_COUNT, objects.CUP.floor_top_m, _LOOSE_SPREAD_M)
        super().__init__(task, _build_model(self._target, task.level.variation.distractors), "cup", loose)

    def judge(self) -> Outcome:
        """Count the almonds in the target, in the cup, and those that are in neither: spilled."""
        in_target = self._target.holds(self._in_frame_of("target"))
        in_cup = objects.CUP.holds(self._in_frame_of("cup")) & ~in_target
        poured, kept = int(in_target.sum()), int(in_cup.sum())
        spilled = len(in_target) - poured - kept
        return Outcome(
            success=spilled == 0 and poured >= LEAST_POURED * len(in_target),
            measures={
                "almonds_in_target": float(poured),
                "almonds_in_cup": float(kept),
                "almonds_spilled": float(spilled),
            },
        )

    def _teach(self, x_m: float, y_m: float) -> Float64[np.ndarray, "steps dof"]:
        """Pour into the target."""
        steps, rate_hz = self._task.rollout_length, self.control_rate_hz
        return pouring_path(x_m, y_m, self.home_joints, steps, rate_hz, self._target)

    def _outline(self, region: Region) -> Float64[np.ndarray, "points 3"]:
        """Return the rim of the target cup."""
        return self._target.rim(region.x_m, region.y_m)

    def _pile_place(self, turn_rad: float) -> tuple[Float64[np.ndarray, "3"], float]:
        """The pile turns in the cup by whole wall segments, so that it touches the walls as before."""
        mujoco.mj_kinematics(self._model, self._data)
        segment = 2 * pi / SIDES
        return self._data.body("cup").xpos.copy(), segment * round(turn_rad / segment)


def _build_model(target: Vessel, distractors: int) -> Model:
    spec = table_spec()
    hand = add_arm(spec)
    objects.add_cup(hand)
    objects.add_target(spec, target)
    add_almonds(spec, objects.ALMOND_COUNT)
    add_distractors(spec, distractors)
    add_camera(spec, POURING_VIEW)
    return spec.compile()
