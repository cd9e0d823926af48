from dataclasses import replace

import numpy as np
import pytest

from hndp_core.tasks import Region, SceneVariation, get_task

from .scene_contract import ObjectSceneContract, run_plan

TASK = get_task("pouring@clean")
LAYOUT = TASK.layout()
VARIATION = TASK.variation(3)
ALMONDS = 25


@pytest.fixture(scope="module")
def scene():
    scene = TASK.build_scene()
    yield scene
    scene.close()


def _counts(outcome):
    return [outcome.measures[f"almonds_{where}"] for where in ("in_target", "in_cup", "spilled")]


class TestScene(ObjectSceneContract):
    task, rows = TASK, (0, 350, 5)


def test_layout_has_the_regions_of_the_paper():
    assert [sum(region.split == split for region in LAYOUT) for split in ("train", "held_out")] == [16, 10]
    TASK.check_regions(LAYOUT)


@pytest.mark.parametrize("region", [LAYOUT[1], LAYOUT[20]], ids=lambda r: r.name)
def test_teacher_pours_under_natural_variation(scene, region):
    outcome = run_plan(scene, region, region, TASK.variation(region.index))
    assert outcome.success, outcome


def test_a_plan_that_is_off_by_a_centimetre_still_pours(scene):
    shift = replace(LAYOUT[4], x_m=LAYOUT[4].x_m + 0.007, y_m=LAYOUT[4].y_m + 0.007)
    assert run_plan(scene, shift, LAYOUT[4], VARIATION).success


def test_a_plan_beside_the_target_spills(scene):
    outcome = run_plan(scene, replace(LAYOUT[4], y_m=LAYOUT[4].y_m + 0.045), LAYOUT[4], VARIATION)
    assert not outcome.success
    assert outcome.measures["almonds_spilled"] > 5


def test_a_cup_that_is_not_emptied_is_no_success(scene):
    scene.reset(LAYOUT[4], VARIATION)
    outcome = scene.judge()
    assert _counts(outcome) == [0, ALMONDS, 0]
    assert not outcome.success


def test_judge_wants_four_fifths_poured_and_none_spilled(scene):
    scene.reset(LAYOUT[4], VARIATION)
    almonds, (x, y) = scene._almonds(), scene.state()

    def judged(in_target, beside):
        scene.reset(LAYOUT[4], VARIATION)
        almonds[:in_target, :3] = x, y, 0.03
        almonds[in_target : in_target + beside, :3] = x + 0.06, y, 0.01
        return scene.judge()

    assert judged(ALMONDS, 0).success
    assert judged(20, 0).success
    assert _counts(judged(20, 0)) == [20, 5, 0]
    assert not judged(19, 0).success
    assert not judged(24, 1).success
    assert _counts(judged(24, 1)) == [24, 0, 1]


def test_turned_pile_stays_where_it_is_put(scene):
    for turn in (-2.0, 0.3, 3.1):
        scene.reset(LAYOUT[4], SceneVariation(object_turn_rad=turn))
        before = scene._almonds()[:, :3].copy()
        for _ in range(10):
            scene.step(scene.home_joints)
        assert np.abs(scene._almonds()[:, :3] - before).max() < 0.003, turn


def test_the_cup_in_the_hand_is_in_view_at_every_corner_of_the_workspace(scene):
    space = TASK.workspace
    for x in (space.x_min_m, space.x_max_m):
        for y in (space.y_min_m, space.y_max_m):
            scene.reset(Region(1, "train", x, y), VARIATION)
            red, green, blue = np.moveaxis(scene.render(96, 96).astype(int), 2, 0)
            steel = (blue > red + 4) & (blue <= red + 40) & (green > 60)
            assert steel[1:30, 30:66].sum() > 100


def test_almonds_stay_in_a_cup_that_is_shifted_in_the_hand(scene):
    scene.reset(LAYOUT[4], SceneVariation(tool_shift_m=(0.004, 0.004, -0.004), object_turn_rad=1.0))
    before = scene._almonds()[:, :3].copy()
    for _ in range(10):
        scene.step(scene.home_joints)
    assert np.abs(scene._almonds()[:, :3] - before).max() < 0.003
    assert _counts(scene.judge()) == [0, ALMONDS, 0]


def test_a_tight_target_forgives_less():
    tight = get_task("pouring@tight")
    narrow = tight.build_scene()
    exact = replace(tight.variation(3), tool_shift_m=(0.0, 0.0, 0.0))
    assert run_plan(narrow, LAYOUT[4], LAYOUT[4], exact).success
    shift = replace(LAYOUT[4], y_m=LAYOUT[4].y_m + 0.02)
    outcome = run_plan(narrow, shift, LAYOUT[4], replace(exact, hand_seed=None))
    assert outcome.measures["almonds_spilled"] >= 1
    narrow.close()
