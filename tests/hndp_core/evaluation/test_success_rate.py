import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest

from hndp_core.errors import InvalidSetting
from hndp_core.evaluation.success_rate import SuccessRate


@settings(deadline=None)
@given(st.integers(1, 60).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_the_wilson_interval_solves_its_quadratic(counts):
    successes, trials = counts
    z = 1.959963984540054
    rate = successes / trials
    for bound in SuccessRate(successes, trials).interval():
        assert (rate - bound) ** 2 == pytest.approx(z**2 * bound * (1 - bound) / trials, abs=1e-9)


@settings(deadline=None)
@given(st.integers(1, 60).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_the_closed_form_is_that_of_scipy(counts):
    theirs = binomtest(*counts).proportion_ci(0.95, method="wilson")
    assert SuccessRate(*counts).interval() == pytest.approx((theirs.low, theirs.high), abs=1e-12)


def test_no_trial_says_nothing():
    assert SuccessRate(0, 0).as_dict() == {"successes": 0, "trials": 0, "interval": [0.0, 1.0]}


def test_more_successes_than_trials_are_refused():
    with pytest.raises(InvalidSetting):
        SuccessRate(4, 3)


@settings(deadline=None)
@given(st.integers(1, 60).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_clopper_pearson_is_that_of_scipy_and_holds_wilsons_centre(counts):
    theirs = binomtest(*counts).proportion_ci(0.95, method="exact")
    low, high = SuccessRate(*counts).exact_interval()
    assert (low, high) == pytest.approx((theirs.low, theirs.high), abs=1e-9)
    assert low <= SuccessRate(*counts).rate <= high
