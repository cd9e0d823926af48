"""What an image cannot tell without landmarks: where the camera stands."""

import numpy as np

from hndp_core.errors import InvalidSetting
from hndp_core.seeding import seed_for
from hndp_core.tasks.panda.object_scene import ObjectScene
from hndp_core.tasks.region import Region
from hndp_core.tasks.registry import get_task
from hndp_core.tasks.variation import SceneVariation

_SCENES = 1000
_SQUARE = 1.0


def nominal_camera_error_cm(task: str, seed: int = 0) -> float:
    """Mean error of somebody who knows exactly which point of the picture shows the object's foot, but takes
    the camera to stand where it stands without scene variation [cm].

    An estimator that is better has found out where the camera stands, from what else the picture shows.

    Args:
        task: one about an object on the table, at its default level
        seed: of object positions all over the workspace, and of the scene variation

    Raises:
        InvalidSetting: a task of another kind.
        MissingGraphicsLibrary: no OpenGL to build the scene with.
    """
    described = get_task(task)
    scene = described.build_scene()
    if not isinstance(scene, ObjectScene):
        scene.close()
        raise InvalidSetting("task", task, "take one about an object on the table")
    space = described.workspace
    generator = np.random.default_rng(seed_for(seed, "camera bound"))
    low, high = (space.x_min_m, space.y_min_m), (space.x_max_m, space.y_max_m)
    errors_m: list[float] = []
    try:
        scene.reset(Region(1, "held_out", space.x_min_m, space.y_min_m), SceneVariation.none())
        nominal = scene.picture_view(_SQUARE)
        for number, (x, y) in enumerate(generator.uniform(low, high, (_SCENES, 2))):
            variation = described.variation(seed_for(seed, "camera bound", number))
            scene.reset(Region(1, "held_out", float(x), float(y)), variation)
            shown = scene.picture_view(_SQUARE).picture_of(np.array([*scene.state(), 0.0]))
            errors_m.append(float(np.linalg.norm(np.subtract(nominal.place_at(*shown, 0.0), scene.state()))))
    finally:
        scene.close()
    return 100 * float(np.mean(errors_m))
