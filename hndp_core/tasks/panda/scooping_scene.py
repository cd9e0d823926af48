"""The scooping task in MuJoCo."""

from collections.abc import Callable

import numpy as np
from jaxtyping import Float64, UInt8

from hndp_core.seeding import seed_for
from hndp_core.tasks.outcome import Outcome
from hndp_core.tasks.panda import scooping_objects as objects
from hndp_core.tasks.panda.arm import add_arm
from hndp_core.tasks.panda.camera import CAMERA, Camera, add_camera
from hndp_core.tasks.panda.scooping_teacher import scooping_path
from hndp_core.tasks.panda.simulator import Model, mujoco
from hndp_core.tasks.region import Region
from hndp_core.tasks.scene import Scene
from hndp_core.tasks.task import Task
from hndp_core.tasks.variation import SceneVariation

PHYSICS_STEP_S = 0.004
RAISED_M = 0.15
"""Height of the spoon above the table from which it counts as raised."""

LABEL_NOISE_M = 0.003
"""Deviation of the approximate positions that pretraining gets (H-NDP Sec. IV-C)."""

_LAMP_M = (0.6, -0.6, 2.0)
_SETTLE_S = 1.2
_ABOVE_FLOOR_M = 0.03


class ScoopingScene(Scene):
    """Panda with spoon, bowl of almonds, camera. Privileged state: the bowl's x, y [m]."""

    def __init__(self, task: Task) -> None:
        self._task = task
        self.control_rate_hz = task.control_rate_hz
        self.home_joints = np.array(task.home_joints)
        self._substeps = round(1 / (task.control_rate_hz * PHYSICS_STEP_S))
        self._model = _build_model()
        self._data = mujoco.MjData(self._model)
        self._camera = Camera(self._model)
        self._arm = slice(0, task.dof)
        self._nominal_camera = self._model.camera(CAMERA).pos.copy(), self._model.camera(CAMERA).quat.copy()
        self._nominal_light = self._model.light("lamp").diffuse.copy()
        self._pile = self._settle()
        self.render(task.image_size, task.image_size)  # a missing graphics library shows now, not mid-trial

    def reset(self, region: Region, variation: SceneVariation) -> None:
        """Place the bowl in the region, varied, with its settled almonds; put the arm at home, at rest."""
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
        """Return the bowl's true x, y [m]."""
        return self._data.mocap_pos[0, :2].copy()

    def render(self, width: int, height: int) -> UInt8[np.ndarray, "height width 3"]:
        """Return the fixed camera's image.

        Raises:
            MissingGraphicsLibrary: no OpenGL to render with.
        """
        return self._camera.render(self._data, width, height)

    def judge(self) -> Outcome:
        """Count the almonds that lie in the raised spoon."""
        spoon = self._data.body("spoon")
        almonds = self._data.qpos[self._task.dof :].reshape(-1, 7)[:, :3]
        inside = (almonds - spoon.xpos) @ spoon.xmat.reshape(3, 3)
        held = (np.hypot(inside[:, 0], inside[:, 1]) < objects.SPOON_RADIUS_M) & (
            np.abs(inside[:, 2] - objects.SPOON_WALL_M) < objects.SPOON_WALL_M
        )
        height_m = float(spoon.xpos[2])
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

    def pose_samples(
        self, count: int, seed: int, on_image: Callable[[int], None] = lambda made: None
    ) -> tuple[UInt8[np.ndarray, "count height width 3"], Float64[np.ndarray, "count 2"]]:
        """Return start images of bowls all over the workspace and where they stand, to a few mm [m]."""
        generator = np.random.default_rng(seed_for(seed, "pose samples"))
        space, size = self._task.workspace, self._task.image_size
        low, high = (space.x_min_m, space.y_min_m), (space.x_max_m, space.y_max_m)
        positions = generator.uniform(low, high, (count, 2))
        images = np.empty((count, size, size, 3), np.uint8)
        for number, (x, y) in enumerate(positions):
            self._place(x, y, SceneVariation.sample(seed_for(seed, "pose sample", number)))
            images[number] = self.render(size, size)
            on_image(number + 1)
        return images, positions + generator.normal(0.0, LABEL_NOISE_M, (count, 2))

    def close(self) -> None:
        """Give back the renderer."""
        self._camera.close()

    def _place(self, x_m: float, y_m: float, variation: SceneVariation) -> None:
        """Set the whole state: nothing of what happened before remains, the solver's warm start included."""
        mujoco.mj_resetData(self._model, self._data)
        data, dof = self._data, self._task.dof
        data.qpos[self._arm] = self.home_joints
        data.ctrl[:] = self.home_joints
        turn = np.empty(4)
        mujoco.mju_axisAngle2Quat(turn, np.array([0.0, 0.0, 1.0]), variation.object_turn_rad)
        data.mocap_pos[0] = (x_m, y_m, 0.0)
        data.mocap_quat[0] = turn
        almonds = data.qpos[dof:].reshape(-1, 7)
        for almond, settled in zip(almonds, self._pile, strict=True):
            mujoco.mju_rotVecQuat(almond[:3], settled[:3], turn)
            mujoco.mju_mulQuat(almond[3:], turn, settled[3:])
        almonds[:, :2] += (x_m, y_m)
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

    def _settle(self) -> Float64[np.ndarray, "almonds 7"]:
        """Drop the almonds into a bowl at the origin; return their poses at rest, relative to the bowl.

        Bowls are filled once: a reset only moves the pile, which is quick and the same every time.
        """
        generator = np.random.default_rng(0)
        pile = np.zeros((objects.ALMOND_COUNT, 7))
        for number, almond in enumerate(pile):
            angle, layer = 2.4 * number, number // 6
            radius = 0.009 + 0.02 * np.sqrt(number % 6 / 6)
            height = objects.BOWL_FLOOR_TOP_M + 0.012 + 0.013 * layer
            almond[:3] = radius * np.cos(angle), radius * np.sin(angle), height
            almond[3:] = generator.normal(size=4)
            almond[3:] /= np.linalg.norm(almond[3:])
        self._pile = pile
        centre_x = (self._task.workspace.x_min_m + self._task.workspace.x_max_m) / 2
        self._place(centre_x, 0.0, SceneVariation.none())
        mujoco.mj_step(self._model, self._data, round(_SETTLE_S / PHYSICS_STEP_S))
        settled = self._data.qpos[self._task.dof :].reshape(-1, 7).copy()
        settled[:, 0] -= centre_x
        return settled


def _build_model() -> Model:
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
    hand = add_arm(spec)
    objects.add_spoon(hand)
    objects.add_bowl(spec)
    objects.add_almonds(spec)
    add_camera(spec)
    return spec.compile()
