"""The touching task in MuJoCo: what there is, how it is taught, and when it is done."""

from math import atan2, hypot

import numpy as np
from jaxtyping import Float64

from hndp_core.tasks import Outcome, Task
from hndp_core.tasks.panda.arm import add_arm
from hndp_core.tasks.panda.arm_scene import table_spec
from hndp_core.tasks.panda.camera import add_camera
from hndp_core.tasks.panda.minimum_jerk import progress
from hndp_core.tasks.panda.object_scene import ObjectScene
from hndp_core.tasks.panda.planar_kinematics import joints_for, tool_pose
from hndp_core.tasks.panda.simulator import Model, mujoco
from hndp_core.tasks.view import TABLE_VIEW

TIP_IN_HAND_M = (0.0, 0.20)
PUCK_TOP_M = 0.02
GREATEST_OFFSET_M = 0.015
GREATEST_GAP_M = 0.004


class TouchingScene(ObjectScene):
    """Panda with peg, puck, camera."""

    def __init__(self, task: Task) -> None:
        super().__init__(task, _build_model(), "peg")

    def judge(self) -> Outcome:
        """Measure how far the tip is from the middle of the puck's top."""
        x, y, z = self._data.site("tip").xpos - self._data.body("puck").xpos
        offset_m, gap_m = hypot(x, y), float(z) - PUCK_TOP_M
        return Outcome(
            success=offset_m <= GREATEST_OFFSET_M and gap_m <= GREATEST_GAP_M,
            measures={"tip_offset_m": offset_m, "tip_gap_m": gap_m},
        )

    def _teach(self, x_m: float, y_m: float) -> Float64[np.ndarray, "steps dof"]:
        """Bring the tip over the puck, then straight down."""
        time_s = np.arange(1, self._task.rollout_length + 1) / self.control_rate_hz
        approach, descend = progress(time_s, (0.0, 2.0)), progress(time_s, (1.6, 2.8))
        _, home_r, home_z, lean = tool_pose(self.home_joints, TIP_IN_HAND_M)
        above_z = PUCK_TOP_M + 0.08
        r = home_r + approach * (hypot(x_m, y_m) - home_r)
        z = home_z + approach * (above_z - home_z) + descend * (PUCK_TOP_M - above_z)
        return joints_for(approach * atan2(y_m, x_m), r, z, np.full_like(r, lean), TIP_IN_HAND_M)


def _build_model() -> Model:
    spec = table_spec()
    x, z = TIP_IN_HAND_M
    peg = add_arm(spec).add_body(name="peg", gravcomp=1.0)
    capsule, cylinder = mujoco.mjtGeom.mjGEOM_CAPSULE, mujoco.mjtGeom.mjGEOM_CYLINDER
    peg.add_geom(type=capsule, fromto=(x, 0, 0.095, x, 0, z), size=(0.005, 0, 0), mass=0.02, contype=0)
    peg.add_site(name="tip", pos=(x, 0, z))
    puck = spec.worldbody.add_body(name="puck", mocap=True)
    half = PUCK_TOP_M / 2
    puck.add_geom(type=cylinder, size=(0.03, half, 0), pos=(0, 0, half), rgba=(0.7, 0.15, 0.2, 1), contype=0)
    add_camera(spec, TABLE_VIEW)
    return spec.compile()
