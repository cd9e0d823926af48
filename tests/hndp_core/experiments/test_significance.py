import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.contingency_tables import mcnemar as their_mcnemar
from statsmodels.stats.multitest import multipletests

from hndp_core.errors import InvalidSetting
from hndp_core.experiments.significance import barnard, holm, mcnemar
from hndp_core.experiments.statistics import SuccessRate


def test_mcnemar_by_hand():
    assert mcnemar(5, 0) == pytest.approx(2 * 0.5**5)
    assert mcnemar(1, 8) == pytest.approx(2 * 10 / 2**9)  # C(9,0) + C(9,1) of 512, both tails
    assert mcnemar(3, 3) == 1.0
    assert mcnemar(0, 0) == 1.0
    with pytest.raises(InvalidSetting, match="count from 0"):
        mcnemar(-1, 2)


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 30), st.integers(0, 30))
def test_mcnemar_agrees_with_statsmodels(first: int, second: int):
    theirs = their_mcnemar([[7, first], [second, 2]], exact=True).pvalue
    assert mcnemar(first, second) == pytest.approx(min(1.0, theirs))
    assert mcnemar(first, second) == pytest.approx(mcnemar(second, first))


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


@settings(deadline=None, max_examples=30)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=12))
def test_holm_agrees_with_statsmodels(p_values: list[float]):
    assert holm(p_values) == pytest.approx(multipletests(p_values, method="holm")[1].tolist())
