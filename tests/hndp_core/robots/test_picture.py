import numpy as np
import pytest

from hndp_core.robots.picture import fit_picture


def columns(width: int, height: int) -> np.ndarray:
    """A picture whose left, middle and right third are red, green and blue."""
    picture = np.zeros((height, width, 3), np.uint8)
    for colour in range(3):
        picture[:, colour * width // 3 : (colour + 1) * width // 3, colour] = 255
    return picture


@pytest.mark.parametrize(
    ("had", "wanted"),
    [((640, 480), (96, 96)), ((480, 640), (96, 96)), ((64, 48), (320, 240)), ((7, 5), (3, 4))],
)
def test_the_result_has_the_wanted_size(had, wanted):
    fitted = fit_picture(columns(*had), *wanted)
    assert fitted.shape == (wanted[1], wanted[0], 3)
    assert fitted.dtype == np.uint8


def test_sides_are_cut_off_evenly_and_nothing_is_stretched():
    fitted = fit_picture(columns(300, 100), 50, 50)
    assert (fitted == (0, 255, 0)).all()


def test_a_picture_of_the_wanted_size_is_copied():
    picture = columns(30, 20)
    fitted = fit_picture(picture, 30, 20)
    np.testing.assert_array_equal(fitted, picture)
    fitted[:] = 1
    assert picture.max() == 255
