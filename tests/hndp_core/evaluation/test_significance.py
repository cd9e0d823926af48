from math import comb

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hndp_core.errors import InvalidSetting
from hndp_core.evaluation.significance import barnard, holm, mcnemar
from hndp_core.evaluation.success_rate import SuccessRate


def test_mcnemar_by_hand():
    assert mcnemar(5, 0) == pytest.approx(2 * 0.5**5)
    assert mcnemar(1, 8) == pytest.approx(2 * 10 / 2**9)  # C(9,0) + C(9,1) of 512, both tails
    assert mcnemar(3, 3) == 1.0
    assert mcnemar(0, 0) == 1.0
    with pytest.raises(InvalidSetting, match="count from 0"):
        mcnemar(-1, 2)


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 30), st.integers(0, 30))
def test_mcnemar_is_the_tail_of_a_fair_coin(first: int, second: int):
    pairs, fewer = first + second, min(first, second)
    tail = sum(comb(pairs, each) for each in range(fewer + 1)) / 2**pairs
    assert mcnemar(first, second) == mcnemar(second, first) == pytest.approx(min(1.0, 2 * tail))


def test_barnard_on_published_trials():
    """The vaccine of scipy's manual: 7 of 15 against 12 of 15."""
    assert barnard(SuccessRate(7, 15), SuccessRate(12, 15)) == pytest.approx(0.0682, abs=1e-3)


def test_barnard_without_news():
    assert barnard(SuccessRate(5, 5), SuccessRate(9, 9)) == 1.0
    assert barnard(SuccessRate(0, 0), SuccessRate(9, 9)) == 1.0


def test_holm_by_hand():
    """The example of Holm's procedure in textbooks: 0.01, 0.04, 0.03, 0.005."""
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([]) == []


@given(st.lists(st.floats(0, 1), min_size=1, max_size=12))
def test_holm_adjusts_upwards_within_bonferroni_and_keeps_the_order(p_values: list[float]):
    adjusted = holm(p_values)
    for p, corrected in zip(p_values, adjusted, strict=True):
        assert p <= corrected <= min(1.0, max(p_values) * len(p_values)) or corrected == 1.0
    assert adjusted[p_values.index(min(p_values))] == pytest.approx(min(1.0, len(p_values) * min(p_values)))
    ranked = sorted(zip(p_values, adjusted, strict=True))
    assert [corrected for _, corrected in ranked] == sorted(adjusted)
