"""What a scene of the Panda has whatever its task: the arm with a tool, a lit table, cameras."""

import threading
from collections.abc import Callable
from typing import Final

import numpy as np
from jaxtyping import Float64, UInt8

from hndp_core.tasks.hand import guide
from hndp_core.tasks.panda.arm_body import PandaBody
from hndp_core.tasks.panda.camera import CAMERA, Camera, Draw
from hndp_core.tasks.panda.guided_tool import GuidedTool
from hndp_core.tasks.panda.outline import circle
from hndp_core.tasks.panda.picture_view import PictureView
from hndp_core.tasks.panda.simulator import Model, Spec, mujoco
from hndp_core.tasks.region import Region
from hndp_core.tasks.scene import Scene
from hndp_core.tasks.task import Task
from hndp_core.tasks.variation import SceneVariation

PHYSICS_STEP_S: Final = 0.004

_SEEN: Final = (
    "xpos",
    "xquat",
    "xmat",
    "geom_xpos",
    "geom_xmat",
    "site_xpos",
    "site_xmat",
    "cam_xpos",
    "cam_xmat",
    "light_xpos",
    "light_xdir",
)
"""Of the physics' state: all that an image is made of."""

_LAMP_M: Final = (0.6, -0.6, 2.0)
_PLACE_RADIUS_M: Final = 0.04


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


class ArmScene(Scene):
    """The arm's part of a scene. In the model its joints come first, and it alone has actuators.

    Attributes:
        guided_tool: how a person may guide the tool by hand; None where the scene does not say.
    """

    guided_tool: GuidedTool | None = None

    def __init__(self, task: Task, model: Model, tool: str) -> None:
        """Take rates and home from the task, and the nominal scene from the model.

        Args:
            task: names rates, sizes and the level.
            model: of arm, objects and cameras.
            tool: name of the body in the hand.
        """
        self._task = task
        self.control_rate_hz = task.control_rate_hz
        self.home_joints = np.array(task.home_joints)
        self.arm_body = PandaBody()
        self._substeps = round(1 / (task.control_rate_hz * PHYSICS_STEP_S))
        self._model = model
        self._data = mujoco.MjData(self._model)
        self._kept = mujoco.MjData(self._model)
        self._kept_lock = threading.Lock()
        self._camera = Camera(self._model)
        self._arm = slice(0, task.dof)
        self._tool, self._nominal_tool = tool, self._model.body(tool).pos.copy()
        self._nominal_cameras = self._model.cam_pos.copy(), self._model.cam_quat.copy()
        self._nominal_light = self._model.light("lamp").diffuse.copy()

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

    def render(self, width: int, height: int) -> UInt8[np.ndarray, "height width 3"]:
        """Return the fixed camera's image.

        Raises:
            MissingGraphicsLibrary: no OpenGL to render with.
        """
        return self._camera.render(self._data, width, height, CAMERA, self._marks())

    def render_later(self, width: int, height: int) -> Callable[[], UInt8[np.ndarray, "height width 3"]]:
        """Keep what the fixed camera sees now, which takes microseconds; the result renders it when called.

        It must be called before the next reset, which changes lamp and cameras.
        """
        seen = {name: getattr(self._data, name).copy() for name in _SEEN}
        marks = self._marks()

        def render() -> UInt8[np.ndarray, "height width 3"]:
            with self._kept_lock:
                for name, values in seen.items():
                    getattr(self._kept, name)[:] = values
                return self._camera.render(self._kept, width, height, CAMERA, marks)

        return render

    def picture_view(self, aspect: float) -> PictureView:
        """Return the geometry of the fixed camera's image of that width / height, until the next reset."""
        return PictureView.of_camera(self._model, self._data, CAMERA, aspect)

    def region_outline(self, region: Region, aspect: float) -> Float64[np.ndarray, "points 2"]:
        """Return where the image shows the outline of a region's object; holds until the next reset."""
        view = self.picture_view(aspect)
        return np.array([view.picture_of(point) for point in self._outline(region)])

    def close(self) -> None:
        """Give back the renderer."""
        self._camera.close()

    def _outline(self, region: Region) -> Float64[np.ndarray, "points 3"]:
        """Return the outline of a region's object in its nominal place [m]."""
        return circle(region.x_m, region.y_m, 0.0, _PLACE_RADIUS_M)

    def _marks(self) -> Draw | None:
        """Return what draws that part of the image that is no part of the model."""
        return None

    def _by_hand(
        self, path: Float64[np.ndarray, "steps dof"], variation: SceneVariation
    ) -> Float64[np.ndarray, "steps dof"]:
        """Return the scripted teacher's path [rad] as the level's hand shows it."""
        if variation.hand_seed is None:
            return path
        return guide(path, self.home_joints, self._task.level.hand, variation.hand_seed)

    def _begin(self, variation: SceneVariation) -> None:
        """Put the arm at home, at rest, and vary tool, cameras and lamp.

        Nothing of what happened before remains, the solver's warm start included. The caller places its
        objects and then lets MuJoCo work out where everything is.
        """
        mujoco.mj_resetData(self._model, self._data)
        self._data.qpos[self._arm] = self.home_joints
        self._data.ctrl[:] = self.home_joints
        self._model.body(self._tool).pos[:] = self._nominal_tool + variation.tool_shift_m
        light = self._model.light("lamp")
        positions, quaternions = self._nominal_cameras
        self._model.cam_pos[:] = positions + variation.camera_shift_m
        self._model.cam_quat[:] = quaternions
        for quaternion in self._model.cam_quat:
            mujoco.mju_quatIntegrate(quaternion, np.array(variation.camera_turn_rad), 1.0)
        light.pos[:] = np.add(_LAMP_M, variation.light_shift_m)
        light.diffuse[:] = self._nominal_light * variation.light_brightness
