"""What scooping and pouring share in MuJoCo: the arm with a tool, a vessel on the table, almonds, camera."""

from abc import abstractmethod
from collections.abc import Callable
from typing import Final

import numpy as np
from jaxtyping import Float64, UInt8

from hndp_core.seeding import seed_for
from hndp_core.tasks.hand import guide
from hndp_core.tasks.panda.almonds import POSE_SIZE, about_vertical, put_pile
from hndp_core.tasks.panda.camera import CAMERA, Camera
from hndp_core.tasks.panda.distractors import distractor_geoms, scatter
from hndp_core.tasks.panda.simulator import Model, Spec, mujoco
from hndp_core.tasks.region import Region
from hndp_core.tasks.scene import Scene
from hndp_core.tasks.task import Task
from hndp_core.tasks.variation import SceneVariation

PHYSICS_STEP_S: Final = 0.004

LABEL_NOISE_M: Final = 0.003
"""Deviation of the approximate positions that pretraining gets (H-NDP Sec. IV-C)."""

_LAMP_M: Final = (0.6, -0.6, 2.0)
_SETTLE_S: Final = 1.2


def table_spec() -> Spec:
    """Return a model that has a lit table and nothing else."""
    spec = mujoco.MjSpec()
    spec.compiler.degree = False
    spec.option.timestep = PHYSICS_STEP_S
    spec.option.integrator = mujoco.mjtIntegrator.mjINT_IMPLICITFAST
    spec.visual.headlight.diffuse = (0.25, 0.25, 0.25)
    spec.visual.headlight.ambient = (0.25, 0.25, 0.25)
    spec.worldbody.add_light(
        name="lamp", pos=_LAMP_M, dir=(0, 0.3, -1), diffuse=(0.6, 0.6, 0.6), castshadow=False
    )
    spec.worldbody.add_geom(
        name="table", type=mujoco.mjtGeom.mjGEOM_PLANE, size=(1.5, 1.5, 0.1), rgba=(0.78, 0.74, 0.68, 1.0)
    )
    return spec


class AlmondScene(Scene):
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
        self._task = task
        self.control_rate_hz = task.control_rate_hz
        self.home_joints = np.array(task.home_joints)
        self._substeps = round(1 / (task.control_rate_hz * PHYSICS_STEP_S))
        self._model = model
        self._data = mujoco.MjData(self._model)
        self._camera = Camera(self._model)
        self._arm = slice(0, task.dof)
        self._tool, self._nominal_tool = tool, self._model.body(tool).pos.copy()
        self._distractors = distractor_geoms(self._model)
        self._nominal_camera = self._model.camera(CAMERA).pos.copy(), self._model.camera(CAMERA).quat.copy()
        self._nominal_light = self._model.light("lamp").diffuse.copy()
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
        path = self._teach(region.x_m + shift_x, region.y_m + shift_y)
        if variation.hand_seed is None:
            return path
        return guide(path, self.home_joints, self._task.level.hand, variation.hand_seed)

    def reset(self, region: Region, variation: SceneVariation) -> None:
        """Place the vessel in the region, varied, and the almonds; put the arm at home, at rest."""
        shift_x, shift_y = variation.object_shift_m
        self._place(region.x_m + shift_x, region.y_m + shift_y, variation)

    def step(self, joints: Float64[np.ndarray, " dof"]) -> None:
        """Command joint positions [rad] and simulate one control step."""
        self._data.ctrl[:] = joints
        mujoco.mj_step(self._model, self._data, self._substeps)

    def joints(self) -> Float64[np.ndarray, " dof"]:
        """Return the measured joint positions [rad]."""
        return self._data.qpos[self._arm].copy()

    def joint_velocities(self) -> Float64[np.ndarray, " dof"]:
        """Return the measured joint velocities [rad/s]."""
        return self._data.qvel[self._arm].copy()

    def state(self) -> Float64[np.ndarray, " state"]:
        """Return the true x, y of the vessel on the table [m]."""
        return self._data.mocap_pos[0, :2].copy()

    def render(self, width: int, height: int) -> UInt8[np.ndarray, "height width 3"]:
        """Return the fixed camera's image.

        Raises:
            MissingGraphicsLibrary: no OpenGL to render with.
        """
        return self._camera.render(self._data, width, height)

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

    def close(self) -> None:
        """Give back the renderer."""
        self._camera.close()

    def _almonds(self) -> Float64[np.ndarray, "almonds 7"]:
        """Return a view of the almonds' poses."""
        return self._data.qpos[self._task.dof :].reshape(-1, POSE_SIZE)

    def _in_frame_of(self, body: str) -> Float64[np.ndarray, "almonds 3"]:
        """Return the almonds' positions in the frame of a body [m]."""
        frame = self._data.body(body)
        return (self._almonds()[:, :3] - frame.xpos) @ frame.xmat.reshape(3, 3)

    def _place(self, x_m: float, y_m: float, variation: SceneVariation) -> None:
        """Set the whole state: nothing of what happened before remains, the solver's warm start included."""
        mujoco.mj_resetData(self._model, self._data)
        data = self._data
        data.qpos[self._arm] = self.home_joints
        data.ctrl[:] = self.home_joints
        data.mocap_pos[0] = (x_m, y_m, 0.0)
        data.mocap_quat[0] = about_vertical(variation.object_turn_rad)
        self._model.body(self._tool).pos[:] = self._nominal_tool + variation.tool_shift_m
        put_pile(self._almonds(), self._pile, *self._pile_place(variation.object_turn_rad))
        space, seed = self._task.workspace, variation.distractor_seed
        scatter(self._model, self._distractors, space, (x_m, y_m), seed)
        self._vary_view(variation)
        mujoco.mj_forward(self._model, data)

    def _vary_view(self, variation: SceneVariation) -> None:
        camera, light = self._model.camera(CAMERA), self._model.light("lamp")
        position, quaternion = self._nominal_camera
        camera.pos[:] = position + variation.camera_shift_m
        camera.quat[:] = quaternion
        mujoco.mju_quatIntegrate(camera.quat, np.array(variation.camera_turn_rad), 1.0)
        light.pos[:] = np.add(_LAMP_M, variation.light_shift_m)
        light.diffuse[:] = self._nominal_light * variation.light_brightness

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
