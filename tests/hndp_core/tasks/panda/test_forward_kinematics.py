import numpy as np
import pytest
from jaxtyping import Float64

from hndp_core.tasks import get_task
from hndp_core.tasks.panda.arm_facts import END_EFFECTOR_OFFSET_M, HOME_END_EFFECTOR_M
from hndp_core.tasks.panda.camera import CAMERA
from hndp_core.tasks.panda.forward_kinematics import tool_places
from hndp_core.tasks.panda.picture_view import PictureView
from hndp_core.tasks.panda.planar_kinematics import joints_for
from hndp_core.tasks.panda.pouring_objects import CUP_LIP_IN_HAND_M
from hndp_core.tasks.panda.scooping_objects import ScoopingObjects
from hndp_core.tasks.panda.simulator import mujoco
from hndp_core.tasks.panda.writing_objects import PEN_TIP_IN_HAND_M

HOME = np.array([get_task("scooping").home_joints])


def test_at_home_the_fingers_are_where_the_maker_says() -> None:
    place = tool_places(HOME, (0.0, END_EFFECTOR_OFFSET_M[2]))[0]
    assert place == pytest.approx(HOME_END_EFFECTOR_M, abs=2e-4)


def test_inverse_kinematics_of_the_teachers_agree() -> None:
    bearing, radius, height, lean = (np.array([each]) for each in (0.3, 0.6, 0.12, 0.2))
    joints = joints_for(bearing, radius, height, lean, PEN_TIP_IN_HAND_M)
    expected = (0.6 * np.cos(0.3), 0.6 * np.sin(0.3), 0.12)
    assert tool_places(joints, PEN_TIP_IN_HAND_M)[0] == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize(
    ("task", "tip_in_hand_m"),
    [
        ("scooping@clean", ScoopingObjects().spoon_lip_in_hand_m),
        ("scooping@tight", ScoopingObjects(get_task("scooping@tight").level.tolerance).spoon_lip_in_hand_m),
        ("pouring", CUP_LIP_IN_HAND_M),
        ("writing", PEN_TIP_IN_HAND_M),
    ],
)
def test_tasks_know_the_tip_of_their_tool(task: str, tip_in_hand_m: tuple[float, float]) -> None:
    told = get_task(task).tip_places(HOME)
    assert told is not None
    np.testing.assert_allclose(told, tool_places(HOME, tip_in_hand_m), atol=1e-5)


@pytest.mark.parametrize("task", ["scooping@clean", "pouring@clean", "writing@clean"])
def test_picture_shows_a_place_where_the_simulated_camera_does(task: str) -> None:
    scene = get_task(task).build_scene()
    try:
        model, data = scene._model, scene._data  # type: ignore[attr-defined]
        mujoco.mj_forward(model, data)
        simulated = PictureView.of_camera(model, data, CAMERA, 4 / 3)
    finally:
        scene.close()
    view, places = get_task(task).camera_view, _places()
    assert view is not None
    expected = [simulated.picture_of(place) for place in places]
    np.testing.assert_allclose(view.picture_of(places, 4 / 3), expected, atol=1e-6)


def _places() -> Float64[np.ndarray, "places 3"]:
    return np.array([[0.5, 0.0, 0.0], [0.6, 0.2, 0.1], [0.4, -0.1, 0.3]])
