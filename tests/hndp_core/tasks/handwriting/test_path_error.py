import numpy as np
import pytest

from hndp_core.tasks.handwriting.path_error import evenly_spaced, path_error_m

LINE = np.array([[0.0, 0.0], [0.1, 0.0]])


def test_the_same_line_has_no_error():
    assert path_error_m([LINE], LINE, 1.0) == 0.0
    assert path_error_m([LINE[::-1]], LINE, 1.0) == pytest.approx(0.0, abs=1e-12)


def test_a_shifted_line_is_as_far_off_as_it_is_shifted():
    assert path_error_m([LINE + np.array([0.0, 0.004])], LINE, 1.0) == pytest.approx(0.004)


def test_missing_and_superfluous_ink_count_alike():
    half = LINE * 0.5
    missing, superfluous = path_error_m([half], LINE, 1.0), path_error_m([LINE], half, 1.0)
    # Half of the line is on average 25 mm away: a quarter of that by the mean over all, halved once more.
    assert missing == pytest.approx(0.1 / 16, rel=0.02)
    assert superfluous == pytest.approx(missing)


def test_no_ink_has_the_error_that_is_given_for_it():
    assert path_error_m([], LINE, 0.25) == 0.25


def test_points_are_a_millimetre_apart_and_lines_stay_apart():
    points = evenly_spaced([LINE, LINE + np.array([0.0, 0.05]), LINE[:1]])
    assert len(points) == 101 + 101 + 1
    np.testing.assert_allclose(np.diff(points[:101, 0]), 0.001)
