import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest

from hndp_core.robots.safety import check_trajectory
from hndp_core.tasks import SceneVariation, get_task

from .scene_contract import ObjectSceneContract, run_plan

TASK = get_task("scooping@clean")
LAYOUT = TASK.layout()
VARIATION = TASK.variation(3)
TIGHT = get_task("scooping@tight")


@pytest.fixture(scope="module")
def scene():
    scene = TASK.build_scene()
    yield scene
    scene.close()


class TestScene(ObjectSceneContract):
    task, rows = TASK, (0, 240, 1)


@pytest.mark.parametrize("region", [LAYOUT[i] for i in (0, 1, 5, 9, 14, 18, 22, 27)], ids=lambda r: r.name)
def test_teacher_scoops_under_natural_variation(scene, region):
    outcome = run_plan(scene, region, region, TASK.variation(region.index))
    assert outcome.success, outcome


def test_a_plan_that_is_off_by_some_millimetres_still_scoops(scene):
    shift = replace(LAYOUT[4], x_m=LAYOUT[4].x_m + 0.005, y_m=LAYOUT[4].y_m + 0.005)
    assert run_plan(scene, shift, LAYOUT[4], VARIATION).success


def test_a_plan_beside_the_bowl_fails(scene):
    beside = replace(LAYOUT[4], y_m=LAYOUT[4].y_m + 0.09)
    outcome = run_plan(scene, beside, LAYOUT[4], VARIATION)
    assert not outcome.success
    assert outcome.measures["almonds_in_spoon"] == 0


def test_almonds_in_a_low_spoon_are_no_success(scene):
    outcome = run_plan(scene, LAYOUT[4], LAYOUT[4], VARIATION, steps=265)
    assert outcome.measures["almonds_in_spoon"] >= 1
    assert not outcome.success


def test_camera_looks_towards_the_robot_so_that_its_right_is_left_in_the_picture(scene):
    for y, sees_it_left in ((-0.15, True), (0.15, False)):
        scene.reset(replace(LAYOUT[4], y_m=y), SceneVariation.none())
        red, _, blue = np.moveaxis(scene.render(96, 96).astype(int), 2, 0)
        columns = np.nonzero(blue > red + 40)[1]
        assert (columns.mean() < 48) == sees_it_left


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
    outcome = run_plan(tight_scene, region, region, TIGHT.variation(region.index))
    assert outcome.success, outcome


def test_an_error_that_a_wide_bowl_forgives_fails_in_a_tight_one(scene, tight_scene):
    steady = replace(TIGHT.variation(3), hand_seed=None, tool_shift_m=(0.0, 0.0, 0.0))
    beside = replace(LAYOUT[4], x_m=LAYOUT[4].x_m + 0.02)
    assert run_plan(scene, beside, LAYOUT[4], steady).success
    assert not run_plan(tight_scene, beside, LAYOUT[4], steady).success


def test_demonstrations_of_one_place_differ_by_the_hand(tight_scene):
    first, second = (
        tight_scene.demonstrate(LAYOUT[4], SceneVariation(hand_seed=hand_seed)) for hand_seed in (1, 2)
    )
    assert np.abs(first - second).max() > 0.02
    for path in (first, second):
        check_trajectory(tight_scene.home_joints, path, TIGHT.control_rate_hz)
    steady = tight_scene.demonstrate(LAYOUT[4], SceneVariation.none())
    assert np.abs(first - steady).max() > 0.02
