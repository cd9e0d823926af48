from math import hypot

import numpy as np
import pytest

from hndp_core.tasks import SceneVariation, get_task
from hndp_core.tasks.panda.distractors import CLEAR_OF_OBJECT_M, draw_distractors
from hndp_core.tasks.panda.simulator import mujoco

TASK = get_task("pouring@cluttered")
OBJECT = (0.5, 0.05)


def _draw(seed, count=6):
    return draw_distractors(count, seed, TASK.workspace, OBJECT)


def test_equal_seeds_give_equal_things():
    assert _draw(3) == _draw(3)
    assert _draw(3) != _draw(4)
    assert {thing.kind for seed in range(5) for thing in _draw(seed)} == {"box", "cylinder", "sphere"}


@pytest.mark.parametrize("seed", range(20))
def test_things_are_clear_of_the_object_and_of_each_other(seed):
    things = _draw(seed)
    assert len(things) == 6
    for number, thing in enumerate(things):
        (x, y, _), radius = thing.place_m, hypot(*thing.half_sizes_m[:2])
        assert hypot(x - OBJECT[0], y - OBJECT[1]) - radius > CLEAR_OF_OBJECT_M
        for other in things[:number]:
            gap_m = hypot(x - other.place_m[0], y - other.place_m[1])
            assert gap_m > radius + hypot(*other.half_sizes_m[:2])


def test_a_full_table_takes_fewer():
    assert 6 < len(_draw(0, count=500)) < 500


@pytest.fixture(scope="module")
def scene():
    scene = TASK.build_scene()
    yield scene
    scene.close()


def test_things_are_seen_and_gone_after_the_next_reset(scene):
    region = TASK.layout()[3]
    scene.reset(region, SceneVariation.none())
    empty = scene.render(96, 96)
    seen = []
    for seed in (1, 2):
        scene.reset(region, SceneVariation(distractor_seed=seed))
        seen.append(scene.render(96, 96))
        assert (np.abs(seen[-1].astype(int) - empty).max(axis=2) > 40).sum() > 50
    assert (seen[0] != seen[1]).any()
    scene.reset(region, SceneVariation.none())
    np.testing.assert_array_equal(scene.render(96, 96), empty)


@pytest.mark.parametrize("name", ["scooping@cluttered", "pouring@cluttered"])
def test_the_hand_and_its_tool_pass_no_thing(name):
    """Kinematics alone: things touch nothing in the physics, so a passage would show in the picture only."""
    task = get_task(name)
    scene = task.build_scene()
    model, data = scene._model, scene._data
    tools = {model.body("hand").id, model.body(scene._tool).id}
    moving = [geom for geom in range(model.ngeom) if model.geom_bodyid[geom] in tools]
    for region in task.layout()[:3]:
        variation = task.variation(region.index)
        path = scene.demonstrate(region, variation)
        scene.reset(region, variation)
        for joints in path[::10]:
            data.qpos[:7] = joints
            mujoco.mj_kinematics(model, data)
            for thing in scene._distractors:
                gaps = [mujoco.mj_geomDistance(model, data, geom, thing, 1.0, None) for geom in moving]
                assert min(gaps) > 0.005
    scene.close()
