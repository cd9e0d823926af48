import numpy as np
import pytest

from hndp_core.errors import InvalidSetting
from hndp_core.experiments.digits import DigitSettings, generate_digits
from hndp_core.experiments.digits.brush import ink
from hndp_core.experiments.digits.pen import Handwriting

SMALL = DigitSettings(train=200, test=50)


@pytest.fixture(scope="module")
def train():
    return generate_digits(SMALL, "train")


def test_shapes_and_classes(train):
    assert train.images.shape == (200, 40, 40)
    assert train.images.dtype == np.uint8
    assert train.trajectories.shape == (200, 301, 2)
    assert train.trajectories.dtype == np.float32
    assert len(train) == 200
    np.testing.assert_array_equal(np.bincount(train.labels), np.full(10, 20))


def test_the_same_seed_gives_the_same_bits_whatever_the_count(train):
    again = generate_digits(DigitSettings(train=20, test=10), "train")
    np.testing.assert_array_equal(again.images, train.images[:20])
    np.testing.assert_array_equal(again.trajectories, train.trajectories[:20])
    other = generate_digits(DigitSettings(seed=1, train=20, test=10), "train")
    assert (other.trajectories != again.trajectories).all(axis=(1, 2)).all()


def test_no_test_digit_is_a_train_digit(train):
    test = generate_digits(SMALL, "test")
    nearest = np.abs(test.trajectories[:, None] - train.trajectories[None]).max(axis=(2, 3)).min(axis=1)
    assert nearest.min() > 0.5


def test_the_image_shows_the_motion_and_nothing_else(train):
    for image, motion in zip(train.images[:30], train.trajectories[:30], strict=True):
        column, row = np.floor(motion).astype(int).T
        assert image[row, column].min() >= 200
        rows, columns = np.nonzero(image)
        away = np.hypot(columns[:, None] + 0.5 - motion[:, 0], rows[:, None] + 0.5 - motion[:, 1])
        assert away.min(axis=1).max() < 1.5
        assert np.abs(ink(motion).astype(int) - image).max() <= 1  # but for the rounding to float32


def test_the_default_hands_stay_within_the_image(train):
    assert train.trajectories.min() > 0
    assert train.trajectories.max() < 40


def test_digits_differ_between_classes_more_than_within(train):
    shapes = train.trajectories - train.trajectories.mean(axis=1, keepdims=True)
    means = np.stack([shapes[train.labels == digit].mean(axis=0) for digit in range(10)])
    nearest = ((shapes[:, None] - means) ** 2).mean(axis=(2, 3)).argmin(axis=1)
    assert (nearest == train.labels).mean() == 1.0


def test_counts_that_leave_a_class_short_are_refused():
    with pytest.raises(InvalidSetting, match="multiple of 10"):
        DigitSettings(train=15)
    with pytest.raises(InvalidSetting):
        DigitSettings(test=0)


def test_hands_can_be_made_to_differ_less():
    calm = DigitSettings(train=20, test=10, handwriting=Handwriting(0, 0, 0, 0, 0))
    digits = generate_digits(calm, "train")
    np.testing.assert_array_equal(digits.trajectories[:10], digits.trajectories[10:])
