import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import beta, betabinom

from hndp_core.evaluation.shrinkage import shrink
from hndp_core.evaluation.success_rate import SuccessRate

COUNTS = st.integers(0, 12).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@settings(deadline=None, max_examples=60)
@given(st.lists(COUNTS, min_size=1, max_size=12))
def test_each_estimate_lies_between_its_own_rate_and_the_pooled_one(counts: list[tuple[int, int]]):
    regions = [SuccessRate(*each) for each in counts]
    pooled = (sum(k for k, _ in counts) + 0.5) / (sum(n for _, n in counts) + 1)
    for each in shrink(regions):
        own = each.counted.rate if each.counted.trials else pooled
        assert min(own, pooled) - 1e-9 <= each.rate <= max(own, pooled) + 1e-9
        assert 0 <= each.low <= each.rate <= each.high <= 1


def test_equal_regions_are_drawn_together_and_different_ones_left_apart():
    alike = shrink([SuccessRate(3, 5)] * 8)
    apart = shrink([SuccessRate(0, 20)] * 4 + [SuccessRate(20, 20)] * 4)
    assert alike[0].rate == pytest.approx(0.6, abs=0.01)
    pooled = SuccessRate(24, 40).interval()
    assert alike[0].low >= pooled[0] - 0.02, "all regions together say more than one"
    assert alike[0].high - alike[0].low == pytest.approx(pooled[1] - pooled[0], abs=0.05)
    assert apart[0].rate < 0.05
    assert apart[-1].rate > 0.95


def test_against_scipy_on_a_fine_grid():
    regions = [SuccessRate(*each) for each in ((1, 6), (5, 6), (3, 6), (6, 6), (2, 6))]
    pooled = 17.5 / 31
    strengths = np.geomspace(0.5, 30.0, 200)
    likelihood = [
        float(sum(betabinom.logpmf(each.successes, 6, s * pooled, s * (1 - pooled)) for each in regions))
        for s in strengths
    ]
    s = strengths[int(np.argmax(likelihood))]
    for region, found in zip(regions, shrink(regions), strict=True):
        posterior = beta(s * pooled + region.successes, s * (1 - pooled) + 6 - region.successes)
        assert (found.rate, found.low, found.high) == pytest.approx(
            (posterior.mean(), posterior.ppf(0.025), posterior.ppf(0.975)), abs=1e-9
        )
