"""What an image cannot tell without landmarks: where the camera stands."""

import numpy as np

from hndp_core.errors import InvalidSetting
from hndp_core.experiments.pose.pose_set import PoseSettings
from hndp_core.tasks.panda.object_scene import ObjectScene
from hndp_core.tasks.region import Region
from hndp_core.tasks.registry import get_task
from hndp_core.tasks.variation import SceneVariation

_SQUARE = 1.0
"""Width / height of the images."""


def nominal_camera_error_cm(settings: PoseSettings) -> float:
    """Mean error of somebody who knows exactly which point of each test image shows the object's foot, but
    takes the camera to stand where it stands without scene variation [cm].

    An estimator that is better has found out where the camera stands, from what else the images show.

    Raises:
        InvalidSetting: a task that is not about an object on the table.
        MissingGraphicsLibrary: no OpenGL to render with.
    """
    task = get_task(settings.task)
    scene = task.build_scene()
    errors_m: list[float] = []
    try:
        if not isinstance(scene, ObjectScene):
            raise InvalidSetting("task", settings.task, "take one about an object on the table")
        corner = Region(1, "held_out", task.workspace.x_min_m, task.workspace.y_min_m)
        scene.reset(corner, SceneVariation.none())
        nominal = scene.picture_view(_SQUARE)

        def judge(made: int) -> None:
            foot_m = scene.state()
            shown = scene.picture_view(_SQUARE).picture_of(np.array([*foot_m, 0.0]))
            errors_m.append(float(np.linalg.norm(nominal.place_at(*shown, 0.0) - foot_m)))

        scene.pretraining_samples(settings.test, settings.scene_seed("test"), judge)
    finally:
        scene.close()
    return 100 * float(np.mean(errors_m))
