import numpy as np
import pytest

from hndp_core.errors import InvalidSetting
from hndp_core.evaluation.e_value import paired_e_value


def test_it_is_the_product_of_its_bets():
    """Each pair is bet on with the share won so far, from one pseudo-win each."""
    wins, stake = [0, 0], 1.0
    for winner in (0, 0, 1, 0, 0):
        stake *= 2 * (wins[winner] + 1) / (sum(wins) + 2)
        wins[winner] += 1
    assert paired_e_value(*wins) == pytest.approx(stake)
    assert paired_e_value(0, 0) == 1.0


def test_without_a_difference_it_seldom_grows_large_at_any_time():
    generator = np.random.default_rng(2)
    steps = generator.random((400, 150)) < 0.5
    ever = 0
    for walk in steps:
        won = np.cumsum(walk)
        ever += any(paired_e_value(int(each), place + 1 - int(each)) >= 10 for place, each in enumerate(won))
    assert ever / 400 <= 0.1


def test_with_one_it_grows():
    assert paired_e_value(30, 5) > 1_000
    with pytest.raises(InvalidSetting):
        paired_e_value(-1, 0)
