import numpy as np
import pytest

from hndp_core.experiments.digits.brush import ink


def test_a_point_leaves_a_disc_of_radius_one():
    image = ink(np.array([[10.5, 20.5]]))  # column, row: the middle of a pixel
    assert image[20, 10] == 255
    for row, column in ((19, 10), (21, 10), (20, 9), (20, 11)):
        assert image[row, column] == 128  # half covered: the edge of the disc runs through the middle
    assert image.astype(float).sum() / 255 == pytest.approx(np.pi, abs=0.5)


def test_positions_between_pixels_show():
    left, right = ink(np.array([[10.5, 20.5]])), ink(np.array([[10.9, 20.5]]))
    assert right[20, 11] > left[20, 11]
    assert right[20, 9] < left[20, 9]


def test_a_line_is_two_pixels_wide_and_passing_twice_changes_nothing():
    line = np.stack([np.linspace(5, 35, 301), np.full(301, 20.0)], axis=1)
    image = ink(line)
    np.testing.assert_array_equal(image[19:21, 6:34], 255)
    assert image[[17, 22]].max() == 0
    np.testing.assert_array_equal(image, ink(np.concatenate([line, line[::-1]])))


def test_ink_outside_the_image_is_lost():
    assert ink(np.array([[-3.0, 20.0], [20.0, 43.0], [-1000.0, 5000.0]])).max() == 0
    assert ink(np.array([[0.0, 20.0]]))[:, 0].max() > 0
    assert ink(np.array([[0.0, 20.0]]))[:, 30:].max() == 0
