import hashlib
import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest

from hndp_core.robots.safety import check_trajectory
from hndp_core.tasks import Region, SceneVariation, get_task

TASK = get_task("scooping")
LAYOUT = TASK.layout()
VARIATION = TASK.variation(3)
TIGHT = get_task("scooping@tight")


@pytest.fixture(scope="module")
def scene():
    scene = TASK.build_scene()
    yield scene
    scene.close()


def _scoop(scene, planned_for, region, variation, steps=350):
    path = scene.demonstrate(planned_for, variation)
    scene.reset(region, variation)
    for joints in path[:steps]:
        scene.step(joints)
    return scene.judge()


def _digest(scene):
    """Hash of measured joints and image in the middle of the scoop, where everything touches."""
    path = scene.demonstrate(LAYOUT[4], VARIATION)
    scene.reset(LAYOUT[4], VARIATION)
    digest = hashlib.sha256(scene.render(96, 96).tobytes())
    for joints in path[:240]:
        scene.step(joints)
        digest.update(scene.joints().tobytes())
    digest.update(scene.render(96, 96).tobytes())
    return digest.hexdigest()


@pytest.mark.parametrize("region", [LAYOUT[i] for i in (0, 1, 5, 9, 14, 18, 22, 27)], ids=lambda r: r.name)
def test_teacher_scoops_under_natural_variation(scene, region):
    outcome = _scoop(scene, region, region, TASK.variation(region.index))
    assert outcome.success, outcome


def test_a_plan_that_is_off_by_some_millimetres_still_scoops(scene):
    shift = replace(LAYOUT[4], x_m=LAYOUT[4].x_m + 0.005, y_m=LAYOUT[4].y_m + 0.005)
    assert _scoop(scene, shift, LAYOUT[4], VARIATION).success


def test_a_plan_beside_the_bowl_fails(scene):
    beside = replace(LAYOUT[4], y_m=LAYOUT[4].y_m + 0.09)
    outcome = _scoop(scene, beside, LAYOUT[4], VARIATION)
    assert not outcome.success
    assert outcome.measures["almonds_in_spoon"] == 0


def test_almonds_in_a_low_spoon_are_no_success(scene):
    outcome = _scoop(scene, LAYOUT[4], LAYOUT[4], VARIATION, steps=265)
    assert outcome.measures["almonds_in_spoon"] >= 1
    assert not outcome.success


def test_reset_forgets_what_happened_before(scene):
    first = _digest(scene)
    _scoop(scene, LAYOUT[0], LAYOUT[0], TASK.variation(1), steps=200)
    assert _digest(scene) == first


def test_another_process_gets_the_same_bits(scene):
    code = (
        "import runpy, sys; tests = runpy.run_path(sys.argv[1]);"
        "scene = tests['TASK'].build_scene(); print(tests['_digest'](scene)); scene.close()"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, __file__], capture_output=True, text=True, timeout=120, check=True
    )
    assert done.stdout.strip() == _digest(scene)


def test_variation_moves_bowl_camera_and_light(scene):
    region = LAYOUT[4]
    scene.reset(region, SceneVariation.none())
    nominal = scene.render(96, 96)
    np.testing.assert_allclose(scene.state(), (region.x_m, region.y_m))
    for changed in (
        SceneVariation(object_shift_m=(0.005, 0.0)),
        SceneVariation(object_turn_rad=1.0),
        SceneVariation(camera_shift_m=(0.0, 0.006, 0.0)),
        SceneVariation(camera_turn_rad=(0.0, 0.01, 0.0)),
        SceneVariation(light_shift_m=(0.2, 0.0, 0.0)),
        SceneVariation(light_brightness=0.8),
    ):
        scene.reset(region, changed)
        assert (scene.render(96, 96) != nominal).any(), changed
    scene.reset(region, SceneVariation(object_shift_m=(0.005, -0.003)))
    np.testing.assert_allclose(scene.state(), (region.x_m + 0.005, region.y_m - 0.003))
    scene.reset(region, SceneVariation.none())
    np.testing.assert_array_equal(scene.render(96, 96), nominal)


def test_bowl_is_in_view_at_every_corner_of_the_workspace(scene):
    space = TASK.workspace
    for x in (space.x_min_m, space.x_max_m):
        for y in (space.y_min_m, space.y_max_m):
            scene.reset(Region(1, "train", x, y), VARIATION)
            red, _, blue = np.moveaxis(scene.render(96, 96).astype(int), 2, 0)
            bowl = blue > red + 40
            assert bowl.sum() > 40
            assert not bowl[[0, -1]].any()
            assert not bowl[:, [0, -1]].any()


def test_camera_looks_towards_the_robot_so_that_its_right_is_left_in_the_picture(scene):
    for y, sees_it_left in ((-0.15, True), (0.15, False)):
        scene.reset(replace(LAYOUT[4], y_m=y), SceneVariation.none())
        red, _, blue = np.moveaxis(scene.render(96, 96).astype(int), 2, 0)
        columns = np.nonzero(blue > red + 40)[1]
        assert (columns.mean() < 48) == sees_it_left


def test_pretraining_samples_repeat_and_carry_label_noise(scene):
    made: list[int] = []
    images, positions = scene.pretraining_samples(6, seed=5, on_image=made.append)
    assert made == [1, 2, 3, 4, 5, 6]
    assert (images.shape, images.dtype, positions.shape) == ((6, 96, 96, 3), np.uint8, (6, 2))
    again, same_positions = scene.pretraining_samples(6, seed=5)
    np.testing.assert_array_equal(images, again)
    np.testing.assert_array_equal(positions, same_positions)
    other, _ = scene.pretraining_samples(6, seed=6)
    assert (other != images).any()


def test_pose_labels_are_off_by_a_few_millimetres(scene):
    off = []
    for seed in range(10):
        _, positions = scene.pretraining_samples(1, seed)
        off.append(positions[0] - scene.state())
    assert 0.0005 < np.std(off) < 0.012


def test_images_may_be_asked_for_from_any_thread(scene):
    scene.reset(LAYOUT[2], VARIATION)
    here = scene.render(96, 96)
    with ThreadPoolExecutor(2) as pool:
        for image in pool.map(lambda _: scene.render(96, 96), range(4)):
            np.testing.assert_array_equal(image, here)


@pytest.mark.parametrize(
    "setting",
    [
        {"__EGL_VENDOR_LIBRARY_FILENAMES": os.devnull, "MUJOCO_GL": "egl"},  # EGL without a driver
        {"MUJOCO_GL": "osmesa", "PYOPENGL_PLATFORM": "egl"},  # a library that cannot be loaded
    ],
    ids=["no driver", "no library"],
)
def test_missing_graphics_library_names_the_remedy(setting):
    code = (
        "import json\n"
        "from hndp_core.errors import MissingGraphicsLibrary\n"
        "from hndp_core.tasks import get_task\n"
        "try:\n    get_task('scooping').build_scene()\n"
        "except MissingGraphicsLibrary as error:\n    print(json.dumps(str(error)))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, **setting},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    assert "sudo apt-get install libegl1" in json.loads(done.stdout)


def test_the_tool_is_shifted_in_the_hand(scene):
    scene.reset(LAYOUT[4], SceneVariation.none())
    before = scene._data.body("spoon").xpos.copy()
    scene.reset(LAYOUT[4], SceneVariation(tool_shift_m=(0.0, 0.003, -0.004)))
    assert np.linalg.norm(scene._data.body("spoon").xpos - before) == pytest.approx(0.005)
    scene.reset(LAYOUT[4], SceneVariation.none())
    np.testing.assert_array_equal(scene._data.body("spoon").xpos, before)


@pytest.fixture(scope="module")
def tight_scene():
    scene = TIGHT.build_scene()
    yield scene
    scene.close()


@pytest.mark.parametrize("region", [LAYOUT[0], LAYOUT[5], LAYOUT[20]], ids=lambda r: r.name)
def test_teacher_scoops_at_the_hardest_level(tight_scene, region):
    outcome = _scoop(tight_scene, region, region, TIGHT.variation(region.index))
    assert outcome.success, outcome


def test_an_error_that_a_wide_bowl_forgives_fails_in_a_tight_one(scene, tight_scene):
    steady = replace(TIGHT.variation(3), hand_seed=None, tool_shift_m=(0.0, 0.0, 0.0))
    beside = replace(LAYOUT[4], x_m=LAYOUT[4].x_m + 0.02)
    assert _scoop(scene, beside, LAYOUT[4], steady).success
    assert not _scoop(tight_scene, beside, LAYOUT[4], steady).success


def test_demonstrations_of_one_place_differ_by_the_hand(tight_scene):
    first, second = (
        tight_scene.demonstrate(LAYOUT[4], SceneVariation(hand_seed=hand_seed)) for hand_seed in (1, 2)
    )
    assert np.abs(first - second).max() > 0.02
    for path in (first, second):
        check_trajectory(tight_scene.home_joints, path, TIGHT.control_rate_hz, check_jerk=True)
    steady = tight_scene.demonstrate(LAYOUT[4], SceneVariation.none())
    assert np.abs(first - steady).max() > 0.02
