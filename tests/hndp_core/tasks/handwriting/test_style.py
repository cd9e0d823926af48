import numpy as np
import pytest

from hndp_core.errors import InvalidSetting
from hndp_core.tasks.handwriting.card import DIGITS, Card
from hndp_core.tasks.handwriting.path_error import path_error_m
from hndp_core.tasks.handwriting.style import StyleRange, write
from hndp_core.tasks.panda.writing_objects import BOARD_HALF_M

USUAL = StyleRange()
NORM = StyleRange(0, 0, 0, 0, 0, 0, 0.008, 0.008)


def test_equal_writers_write_alike():
    first, again = write(Card(3, 5), USUAL), write(Card(3, 5), USUAL)
    np.testing.assert_array_equal(first.line_m, again.line_m)
    assert first.thickness_m == again.thickness_m


@pytest.mark.parametrize("digit", range(DIGITS))
def test_writers_truly_differ(digit):
    """Between two writers' strokes lie millimetres, even with place and size taken out."""
    lines = [write(Card(digit, writer), USUAL).line_m for writer in range(6)]
    shapes = [(line - line.mean(axis=0)) / line.std() * 0.03 for line in lines]
    for each in (lines, shapes):
        errors = [path_error_m([a], b, 1.0) for i, a in enumerate(each) for b in each[:i]]
        assert np.median(errors) > 0.003
    assert len({write(Card(digit, writer), USUAL).thickness_m for writer in range(6)}) == 6


def test_without_a_style_of_ones_own_all_write_the_norm():
    first, second = (write(Card(8, writer), NORM) for writer in (1, 2))
    np.testing.assert_array_equal(first.line_m, second.line_m)
    assert np.ptp(first.line_m[:, 1]) == pytest.approx(0.12, abs=0.004)
    assert first.thickness_m == 0.008


@pytest.mark.parametrize(
    "trait", ["key_point", "slant", "turn_rad", "scale", "width", "shift_m", "thickest_m"]
)
def test_every_trait_shows(trait):
    style = StyleRange(**{**vars(NORM), trait: getattr(USUAL, trait)})
    norm, own = write(Card(5, 1), NORM), write(Card(5, 1), style)
    if trait == "thickest_m":
        assert own.thickness_m != norm.thickness_m
    else:
        assert np.abs(own.line_m - norm.line_m).max() > 0.0005


def test_digits_fit_the_board_and_bend_smoothly():
    for writer in range(40):
        line = write(Card(writer % DIGITS, writer), USUAL).line_m
        assert (np.abs(line).max(axis=0) < np.array(BOARD_HALF_M[::-1]) - 0.005).all()
        assert np.linalg.norm(np.diff(line, axis=0), axis=1).max() < 0.003


def test_impossible_styles_are_refused():
    with pytest.raises(InvalidSetting, match="slant"):
        StyleRange(slant=-0.1)
    with pytest.raises(InvalidSetting, match="thinnest_m"):
        StyleRange(thinnest_m=0.02)
