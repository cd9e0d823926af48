import numpy as np
import pytest

from hndp_core.tasks.handwriting.card import DIGITS, Card
from hndp_core.tasks.handwriting.recogniser import raster, recognise
from hndp_core.tasks.handwriting.style import StyleRange, write

LAYOUT_SEED = 1234


def test_digits_of_unseen_writers_are_recognised():
    cards = [Card.of_layout(LAYOUT_SEED, index, held_out=True) for index in range(1, 31)]
    read = [recognise([write(card, StyleRange()).line_m]) for card in cards]
    assert np.mean([found == card.digit for found, card in zip(read, cards, strict=True)]) >= 0.97


@pytest.mark.parametrize("digit", range(DIGITS))
def test_neither_place_nor_size_nor_lifts_matter(digit):
    line = write(Card.of_layout(LAYOUT_SEED, digit + 1, held_out=False), StyleRange()).line_m
    assert recognise([line * 0.4 + 0.02]) == digit
    assert recognise([line[:200], line[205:]]) == digit


def test_no_ink_shows_no_digit():
    assert recognise([]) is None


def test_a_dot_has_a_picture_too():
    assert raster(np.zeros((1, 2))).max() > 0.5
