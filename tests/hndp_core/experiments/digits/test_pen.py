import numpy as np
import pytest

from hndp_core.experiments.digits.pen import SAMPLES, Handwriting, minimum_jerk, pen_motion, to_pixels, write
from hndp_core.tasks.handwriting.key_points import BOX_HEIGHT, BOX_WIDTH, CLASSES, key_points

PRINTED = Handwriting(key_point=0, rotation_deg=0, shift_px=0, scale=0, shear=0)


@pytest.mark.parametrize("digit", range(CLASSES))
def test_every_digit_fits_the_box_and_is_as_tall(digit: int):
    points = key_points(digit)
    assert np.abs(points[:, 0]).max() <= BOX_WIDTH / 2
    assert np.abs(points[:, 1]).max() == pytest.approx(BOX_HEIGHT / 2, abs=0.11)


@pytest.mark.parametrize("digit", range(CLASSES))
def test_the_pen_passes_all_key_points_and_stays_between_them(digit: int):
    points = key_points(digit)
    motion = pen_motion(points)
    assert motion.shape == (SAMPLES, 2)
    np.testing.assert_allclose(motion[[0, -1]], points[[0, -1]], atol=1e-12)
    away = np.linalg.norm(motion[:, None] - points, axis=-1).min(axis=0)
    assert away.max() < 0.05
    assert (motion.min(axis=0) >= points.min(axis=0) - 1e-12).all()
    assert (motion.max(axis=0) <= points.max(axis=0) + 1e-12).all()


def test_timing_is_of_minimum_jerk():
    time = np.linspace(0, 1, SAMPLES)
    covered = minimum_jerk(time)
    assert (covered[0], covered[SAMPLES // 2], covered[-1]) == pytest.approx((0, 0.5, 1))
    assert np.gradient(covered, time).max() == pytest.approx(1.875, abs=1e-3)
    line = pen_motion(np.array([[0.0, 0.0], [1.0, 0.0], [3.0, 0.0]]))
    np.testing.assert_allclose(line[:, 0], 3 * covered, atol=1e-12)


def test_pixels_are_a_seventh_of_the_image_and_y_points_up():
    np.testing.assert_allclose(
        to_pixels(np.array([[0.0, 0.0], [3.5, 0.0], [0.0, 3.5]])), [[20, 20], [40, 20], [20, 0]]
    )


def test_without_a_hand_of_ones_own_all_write_the_same():
    points = key_points(3)
    written = write(points, PRINTED, np.random.default_rng(0))
    np.testing.assert_allclose(written, to_pixels(pen_motion(points)), atol=1e-12)


@pytest.mark.parametrize(
    ("hand", "least", "most"),
    [
        ({"shift_px": 3.0}, 0.5, 3.0 * 2**0.5),
        ({"rotation_deg": 8.0}, 0.2, 2.3),
        ({"scale": 0.1}, 0.2, 1.4),
        ({"shear": 0.1}, 0.1, 1.3),
        # a way that became longer is also run through at another pace
        ({"key_point": 0.25}, 0.3, 2 * 0.25 * 2**0.5 * 40 / 7),
    ],
)
def test_each_difference_of_hands_moves_the_digit_within_its_bound(hand: dict, least: float, most: float):
    points = key_points(1)
    norm = to_pixels(pen_motion(points))
    hand = {**vars(PRINTED), **hand}
    moved = [
        np.linalg.norm(write(points, Handwriting(**hand), np.random.default_rng(seed)) - norm, axis=1).max()
        for seed in range(20)
    ]
    assert max(moved) <= most
    assert max(moved) >= least
    assert np.std(moved) > 0
