from dataclasses import replace

import numpy as np
import pytest

from hndp_core.tasks import SceneVariation
from hndp_core.tasks.handwriting.card import Card
from hndp_core.tasks.panda.planar_kinematics import joints_for
from hndp_core.tasks.panda.writing import WritingTask
from hndp_core.tasks.panda.writing_objects import BOARD_CENTRE_M, BOARD_TOP_M, PEN_TIP_IN_HAND_M, on_board

from .scene_contract import SceneContract, run_plan

TASK = WritingTask("clean")
LAYOUT = TASK.layout()
VARIATION = TASK.variation(3)


@pytest.fixture(scope="module")
def scene():
    scene = TASK.build_scene()
    yield scene
    scene.close()


def _hold_tip(scene, height_m, steps=40):
    """Hold the tip of the unloaded pen over the middle of the board; return how much ink it left."""
    r, z = np.array([BOARD_CENTRE_M[0]]), np.array([BOARD_TOP_M + height_m])
    joints = joints_for(np.zeros(1), r, z, np.zeros(1), PEN_TIP_IN_HAND_M)[0]
    scene.reset(LAYOUT[0], SceneVariation.none())
    above = joints_for(np.zeros(1), r, z + 0.02, np.zeros(1), PEN_TIP_IN_HAND_M)[0]
    for _ in range(60):
        scene.step(above)
    for _ in range(steps):
        scene.step(joints)
    return sum(len(line) for line in scene.ink())


class TestScene(SceneContract):
    task, rows = TASK, (0, 200, 1)


@pytest.mark.parametrize("region", LAYOUT[:10:3] + LAYOUT[10::4], ids=lambda r: r.name)
def test_teacher_writes_the_card_in_one_line(scene, region):
    outcome = run_plan(scene, region, region, TASK.variation(region.index))
    assert outcome.success, outcome
    assert outcome.measures["path_error_m"] < 0.001
    assert outcome.measures["digit_recognised"] == Card.named(region.subject).digit
    assert len(scene.ink()) == 1


def test_an_unsteady_hand_writes_legibly():
    task = WritingTask("tight")
    scene = task.build_scene()
    try:
        for region in LAYOUT[:10:3]:
            variation = task.variation(region.index)
            assert run_plan(scene, region, region, variation).success
        shown = [scene.demonstrate(LAYOUT[0], task.variation(seed)) for seed in (1, 2)]
        assert np.abs(shown[0] - shown[1]).max() > 0.001
    finally:
        scene.close()


def test_another_digit_is_rejected_even_by_its_path_alone(scene):
    outcome = run_plan(scene, LAYOUT[7], LAYOUT[1], VARIATION)
    assert not outcome.success
    assert outcome.measures["digit_recognised"] == 7


def test_the_right_digit_in_the_wrong_place_is_rejected(scene):
    path = scene.demonstrate(LAYOUT[3], VARIATION)
    path[:, 0] += 0.06 * np.minimum(np.arange(len(path)) / 50, 1)
    scene.reset(LAYOUT[3], VARIATION)
    for joints in path:
        scene.step(joints)
    outcome = scene.judge()
    assert outcome.measures["digit_recognised"] == 3
    assert outcome.measures["path_error_m"] > TASK.path_bound_m
    assert not outcome.success


def test_no_ink_is_no_success(scene):
    scene.reset(LAYOUT[0], VARIATION)
    outcome = scene.judge()
    assert not outcome.success
    assert (outcome.measures["digit_recognised"], outcome.measures["ink_length_m"]) == (-1, 0)


def test_ink_is_left_within_the_contact_band_alone(scene):
    assert _hold_tip(scene, 0.004) == 0
    assert _hold_tip(scene, -0.002) > 20
    assert _hold_tip(scene, -0.008) > 20


def test_a_reset_wipes_the_board(scene):
    run_plan(scene, LAYOUT[0], LAYOUT[0], TASK.variation(1), steps=200)
    assert scene.ink()
    scene.reset(LAYOUT[0], VARIATION)
    assert not scene.ink()


def test_policies_see_the_card_in_place_of_the_table(scene):
    shown = []
    for region in LAYOUT[:10]:
        scene.reset(region, SceneVariation.none())
        shown.append(scene.observe(96).astype(int))
        rows = np.flatnonzero((shown[-1][10:-10, 15:-15].max(axis=-1) < 80).any(axis=1))
        assert 35 <= np.ptp(rows) <= 70, "a digit takes about half of the image"
    for first in range(10):
        for second in range(first):
            assert np.abs(shown[first] - shown[second]).max() > 100


def test_ink_shows_where_people_watch(scene):
    scene.reset(LAYOUT[8], VARIATION)
    before = scene.render(320, 240).astype(int)
    run_plan(scene, LAYOUT[8], LAYOUT[8], VARIATION)
    after = scene.render(320, 240).astype(int)
    bluer = (after - before)[..., 2] - (after - before)[..., 0] > 60
    assert bluer.sum() > 100


def test_the_card_lies_as_varied_and_the_state_does_not_change(scene):
    variation = replace(SceneVariation.none(), object_shift_m=(0.002, -0.001), object_turn_rad=0.05)
    scene.reset(LAYOUT[0], SceneVariation.none())
    plain, state = scene.observe(96), scene.state()
    scene.reset(LAYOUT[0], variation)
    assert (scene.observe(96) != plain).any()
    np.testing.assert_array_equal(scene.state(), state)


def test_the_state_tells_four_points_of_the_stroke(scene):
    assert scene.state().shape == (TASK.state_size,)
    run_plan(scene, LAYOUT[2], LAYOUT[2], VARIATION)
    (line,) = scene.ink()
    ends = on_board(line[[0, -1]])
    np.testing.assert_allclose(scene.state().reshape(4, 2)[[0, -1]], ends, atol=0.002)
    away = np.linalg.norm(scene.state().reshape(4, 1, 2) - on_board(line), axis=2).min(axis=1)
    assert (away < 0.002).all()


def test_the_region_alone_says_the_state(scene):
    scene.reset(LAYOUT[3], VARIATION)
    np.testing.assert_array_equal(TASK.nominal_state(LAYOUT[3]), scene.state())


def test_pretraining_shows_digits_of_other_writers(scene):
    heard = []
    images, digits = scene.pretraining_samples(12, 5, heard.append)
    assert (images.shape, images.dtype, digits.shape) == ((12, 96, 96, 3), np.uint8, (12, 10))
    assert heard == list(range(1, 13))
    np.testing.assert_array_equal(digits.argmax(axis=1), np.arange(12) % 10)
    np.testing.assert_array_equal(digits.sum(axis=1), 1.0)
    again, _ = scene.pretraining_samples(12, 5)
    np.testing.assert_array_equal(images, again)
    assert (images[0] != images[10]).any()
