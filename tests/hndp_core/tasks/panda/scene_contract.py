"""What every scene of the Panda must do: subclass a contract beside a module-wide `scene` fixture."""

import hashlib
import subprocess
import sys
from typing import ClassVar

import cv2
import numpy as np

from hndp_core.tasks import Outcome, Region, Scene, SceneVariation, Task

PLACE = 4


def run_plan(
    scene: Scene,
    planned_for: Region,
    region: Region,
    variation: SceneVariation,
    steps: int | None = None,
) -> Outcome:
    """Judge what comes of the teacher's plan for one region, run in another, or of its first steps."""
    path = scene.demonstrate(planned_for, variation)
    scene.reset(region, variation)
    for joints in path[:steps]:
        scene.step(joints)
    return scene.judge()


def digest(scene: Scene, task: Task, first: int, last: int, every: int) -> str:
    """Hash of images, measured joints and judgement, while some rows of a demonstration are run."""
    region, variation = task.layout()[PLACE], task.variation(3)
    path = scene.demonstrate(region, variation)
    scene.reset(region, variation)
    found = hashlib.sha256(scene.observe(96).tobytes())
    for joints in path[first:last:every]:
        scene.step(joints)
        found.update(scene.joints().tobytes())
    found.update(scene.render(160, 120).tobytes())
    found.update(repr(scene.judge()).encode())
    return found.hexdigest()


def marked(points: np.ndarray, width: int, height: int) -> np.ndarray:
    """Which pixels of a picture lie within an outline of (u, v) points."""
    mask = np.zeros((height, width), np.uint8)
    cv2.fillPoly(mask, [np.round(points * (width, height)).astype(np.int32)], 1)
    return mask.astype(bool)


class SceneContract:
    """Tests of the contract.

    Attributes:
        task: whose scene it is
        rows: (first, last, every) of a demonstration after which everything has touched
    """

    task: ClassVar[Task]
    rows: ClassVar[tuple[int, int, int]]

    def test_the_outline_of_a_region_is_where_its_object_is(self, scene):
        here, elsewhere = self.task.layout()[:2]
        pictures = []
        for region in (elsewhere, here):
            scene.reset(region, SceneVariation.none())
            pictures.append(scene.render(160, 120).astype(float))
        inside = marked(scene.region_outline(here, 160 / 120), 160, 120)
        change = np.abs(pictures[1] - pictures[0]).mean(axis=2)
        assert 20 < inside.sum() < 0.1 * inside.size
        assert change[inside].mean() > 10 * change.mean()

    def test_reset_forgets_what_happened_before(self, scene):
        before = digest(scene, self.task, *self.rows)
        region = self.task.layout()[0]
        run_plan(scene, region, region, self.task.variation(1), steps=200)
        assert digest(scene, self.task, *self.rows) == before

    def test_another_process_gets_the_same_bits(self, scene):
        code = (
            "import runpy, sys\n"
            "from hndp_core.tasks import get_task\n"
            "tests = runpy.run_path(sys.argv[1])\n"
            "task = get_task(sys.argv[2])\n"
            "scene = task.build_scene()\n"
            "print(tests['digest'](scene, task, *map(int, sys.argv[3:])))\n"
            "scene.close()\n"
        )
        arguments = [__file__, self.task.key, *map(str, self.rows)]
        done = subprocess.run(
            [sys.executable, "-c", code, *arguments], capture_output=True, text=True, timeout=120
        )
        assert done.stdout.strip() == digest(scene, self.task, *self.rows), done.stderr


class ObjectSceneContract(SceneContract):
    """Tests of the contract of a scene about one blue object on the table."""

    def test_variation_moves_object_camera_and_light(self, scene):
        region = self.task.layout()[PLACE]
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

    def test_the_object_is_in_view_at_every_corner_of_the_workspace(self, scene):
        space = self.task.workspace
        for x in (space.x_min_m, space.x_max_m):
            for y in (space.y_min_m, space.y_max_m):
                scene.reset(Region(1, "train", x, y), self.task.variation(3))
                red, _, blue = np.moveaxis(scene.render(96, 96).astype(int), 2, 0)
                seen = blue > red + 40
                assert seen.sum() > 40
                assert not seen[[0, -1]].any()
                assert not seen[:, [0, -1]].any()

    def test_pretraining_samples_repeat_and_carry_label_noise(self, scene):
        made: list[int] = []
        images, positions = scene.pretraining_samples(6, seed=5, on_image=made.append)
        assert made == [1, 2, 3, 4, 5, 6]
        assert (images.shape, images.dtype, positions.shape) == ((6, 96, 96, 3), np.uint8, (6, 2))
        assert 0.0 < np.abs(positions[-1] - scene.state()).max() < 0.02
        again, same_positions = scene.pretraining_samples(6, seed=5)
        np.testing.assert_array_equal(images, again)
        np.testing.assert_array_equal(positions, same_positions)
        other, _ = scene.pretraining_samples(6, seed=6)
        assert (other != images).any()
