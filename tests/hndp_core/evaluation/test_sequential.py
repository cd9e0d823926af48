from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hndp_core.errors import InvalidSetting
from hndp_core.evaluation.sample_size import pairs_needed, trials_per_arm
from hndp_core.evaluation.sequential import SequentialPlan, judge, operating_characteristic, plan_pairs


def decided_by(plan: SequentialPlan, signs: tuple[int, ...]) -> bool:
    """As somebody finds out who looks after every pair."""
    looks = (judge(plan, signs[:seen], ended=False) for seen in range(1, len(signs) + 1))
    return any(look.decided for look in looks) or judge(plan, signs, ended=True).decided


@pytest.mark.parametrize("discordant", range(0, 13))
def test_over_all_walks_of_a_fair_coin_the_level_is_kept_and_the_early_looks_agree_with_the_last(discordant):
    plan = SequentialPlan(20, level=0.2)
    assert plan.horizon == 10
    found = 0
    for signs in product((1, -1), repeat=discordant):
        at_the_end = judge(plan, signs, ended=True)
        assert decided_by(plan, signs) == at_the_end.decided
        assert at_the_end.p is not None
        assert at_the_end.decided == (at_the_end.p <= 0.2 + 1e-9)
        found += at_the_end.decided
    assert found / 2**discordant <= 0.2


@settings(deadline=None, max_examples=25)
@given(st.integers(1, 120), st.sampled_from([0.01, 0.05, 0.1]), st.floats(0.02, 0.98))
def test_the_level_is_kept_exactly_whatever_the_plan_and_the_rate(pairs: int, level: float, rate: float):
    plan = SequentialPlan(pairs, level)
    outcome = operating_characteristic(plan, rate, rate)
    assert outcome.power <= level + 1e-9
    assert outcome.mean_pairs <= pairs + 1e-9
    assert all(0 < each <= plan.horizon + 1 for each in plan.boundaries)


def test_the_exact_operating_characteristic_is_that_of_simulated_sessions():
    plan, generator = SequentialPlan(40), np.random.default_rng(5)
    first, second = generator.random((2, 3_000, 40)) < np.array([[[0.4]], [[0.8]]])
    found, run = 0, 0
    for signs in first.astype(int) - second:
        for pairs in range(1, 41):
            seen = signs[:pairs]
            look = judge(plan, seen[seen != 0].tolist(), ended=pairs == 40)
            if look.decided or pairs == 40:
                found += look.decided
                run += pairs
                break
    exact = operating_characteristic(plan, 0.4, 0.8)
    assert found / 3_000 == pytest.approx(exact.power, abs=0.03)
    assert run / 3_000 == pytest.approx(exact.mean_pairs, abs=0.6)


def test_a_plan_has_the_asked_power_and_takes_fewer_trials_on_average_than_a_fixed_one():
    plan = plan_pairs(0.6, 0.8, power=0.8, level=0.05)
    outcome = operating_characteristic(plan, 0.6, 0.8)
    assert 0.8 <= outcome.power < 0.82
    assert plan.pairs > pairs_needed(0.6, 0.8)
    assert outcome.mean_pairs < 0.8 * trials_per_arm(0.6, 0.8, outcome.power)


def test_the_direction_follows_the_lead_and_mirrors():
    plan = SequentialPlan(30)
    ahead = judge(plan, [1] * 15, ended=False)
    behind = judge(plan, [-1] * 15, ended=False)
    assert (ahead.favours, behind.favours) == ("first", "second")
    assert (ahead.p, ahead.lead, ahead.discordant) == (behind.p, -behind.lead, behind.discordant)
    assert ahead.discordant < 15, "what comes after the decision no longer counts"


def test_without_a_decision_there_is_no_p_before_the_end():
    plan = SequentialPlan(30)
    assert judge(plan, [1, -1], ended=False).p is None
    assert judge(plan, [], ended=True).p == 1.0
    assert judge(plan, [1, -1] * 8, ended=False).p is not None, "the whole level is spent: nothing can come"


@pytest.mark.parametrize(("pairs", "level"), [(0, 0.05), (10, 0.0), (10, 1.0)])
def test_plans_that_make_no_sense_are_refused(pairs: int, level: float):
    with pytest.raises(InvalidSetting):
        SequentialPlan(pairs, level)


def test_a_difference_too_small_to_find_is_refused():
    with pytest.raises(InvalidSetting, match="choose a larger"):
        plan_pairs(0.5, 0.51)
