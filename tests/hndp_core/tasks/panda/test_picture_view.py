"""Places and their points in the picture."""

import numpy as np
import pytest

from hndp_core.tasks.panda.arm_scene import table_spec
from hndp_core.tasks.panda.camera import CAMERA, Camera, add_camera
from hndp_core.tasks.panda.picture_view import NoPlaceThere, PictureView
from hndp_core.tasks.panda.simulator import mujoco
from hndp_core.tasks.view import TABLE_VIEW

WIDTH, HEIGHT = 320, 240
BALL_M = (0.62, -0.14, 0.05)


@pytest.fixture(scope="module")
def scene():
    """A red ball on the table."""
    spec = table_spec()
    add_camera(spec, TABLE_VIEW)
    spec.worldbody.add_geom(
        type=mujoco.mjtGeom.mjGEOM_SPHERE, size=(0.012, 0, 0), pos=BALL_M, rgba=(1, 0, 0, 1)
    )
    model = spec.compile()
    data = mujoco.MjData(model)
    mujoco.mj_forward(model, data)
    return model, data


@pytest.fixture(scope="module")
def view(scene) -> PictureView:
    model, data = scene
    return PictureView.of_camera(model, data, CAMERA, WIDTH / HEIGHT)


def test_the_middle_of_the_picture_is_what_the_camera_looks_at(view: PictureView) -> None:
    np.testing.assert_allclose(view.picture_of(np.array(TABLE_VIEW.target_m)), (0.5, 0.5), atol=1e-9)
    x, y, z = TABLE_VIEW.target_m
    np.testing.assert_allclose(view.place_at(0.5, 0.5, z), (x, y), atol=1e-9)


def test_a_thing_is_where_the_rendered_picture_shows_it(scene, view: PictureView) -> None:
    model, data = scene
    camera = Camera(model)
    image = camera.render(data, WIDTH, HEIGHT).astype(int)
    camera.close()
    rows, columns = np.nonzero((image[..., 0] > 2 * image[..., 1]) & (image[..., 0] > 60))
    u, v = view.picture_of(np.array(BALL_M))
    assert abs(u * WIDTH - (columns.mean() + 0.5)) < 1.0
    assert abs(v * HEIGHT - (rows.mean() + 0.5)) < 1.0


@pytest.mark.parametrize("place", [(0.45, -0.2, 0.0), (0.75, 0.2, 0.008), (0.35, 0.1, 0.39)])
def test_there_and_back(view: PictureView, place: tuple[float, float, float]) -> None:
    u, v = view.picture_of(np.array(place))
    np.testing.assert_allclose(view.place_at(u, v, place[2]), place[:2], atol=1e-9)


def test_above_the_horizon_there_is_no_place(view: PictureView) -> None:
    with pytest.raises(NoPlaceThere, match="point at the table"):
        view.place_at(0.5, -3.0, 0.0)
    with pytest.raises(NoPlaceThere):
        view.place_at(0.5, 0.5, 2.0)
