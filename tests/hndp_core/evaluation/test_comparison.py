import numpy as np
import pytest

from hndp_core.evaluation.comparison import compare_independent, compare_paired, compare_sequentially
from hndp_core.evaluation.significance import barnard, mcnemar
from hndp_core.evaluation.success_rate import SuccessRate

GOOD = [1.0] * 18 + [0.0] * 2
POOR = [1.0] * 4 + [0.0] * 16
OUTCOMES = np.array([GOOD, POOR, GOOD])


def test_pairs_are_counted_and_corrected_for_three_comparisons():
    found = compare_paired(OUTCOMES)
    assert [(each.first, each.second) for each in found] == [(0, 1), (0, 2), (1, 2)]
    assert (found[0].only_first, found[0].only_second, found[0].pairs) == (14, 0, 20)
    assert found[0].p == mcnemar(14, 0)
    assert found[0].adjusted_p == pytest.approx(3 * mcnemar(14, 0))
    assert [each.different for each in found] == [True, False, True]


def test_a_missing_outcome_leaves_the_pair_out_and_the_series_in():
    holed = OUTCOMES[:2].copy()
    holed[0, 5] = np.nan
    (paired,), (independent,) = compare_paired(holed), compare_independent(holed)
    assert (paired.pairs, paired.only_first) == (19, 13)
    assert independent.p == pytest.approx(barnard(SuccessRate(17, 19), SuccessRate(4, 20)))


def test_the_sequential_comparison_stops_at_the_first_open_pair_until_the_session_ends():
    holed = OUTCOMES[:2].copy()
    holed[1, 6] = np.nan
    (open_one,), (ended,) = (compare_sequentially(holed, ended=each) for each in (False, True))
    assert (open_one.pairs, open_one.only_first, open_one.different, open_one.p) == (6, 2, False, None)
    assert (ended.pairs, ended.only_first, ended.different) == (19, 13, True)
    assert ended.p is not None
    assert ended.p < 0.05


def test_several_sequential_comparisons_share_the_level():
    generator = np.random.default_rng(7)
    found = 0
    for _ in range(300):
        outcomes = (generator.random((3, 30)) < 0.6).astype(float)
        found += any(each.different for each in compare_sequentially(outcomes, 0.1, ended=True))
    assert found / 300 <= 0.1 + 0.03
