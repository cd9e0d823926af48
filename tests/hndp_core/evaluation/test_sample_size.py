import numpy as np
import pytest
from scipy.stats import norm
from statsmodels.stats.proportion import samplesize_proportions_2indep_onetail

from hndp_core.errors import InvalidSetting
from hndp_core.evaluation.sample_size import pairs_needed, trials_per_arm
from hndp_core.evaluation.significance import mcnemar


def test_the_example_of_the_handbook_of_a_lab():
    assert trials_per_arm(0.6, 0.8) == trials_per_arm(0.8, 0.6) == 82


@pytest.mark.parametrize(("first", "second"), [(0.6, 0.8), (0.1, 0.5), (0.9, 0.95)])
def test_it_is_that_of_statsmodels(first: float, second: float):
    theirs = samplesize_proportions_2indep_onetail(first - second, second, 0.8, alpha=0.05)
    assert trials_per_arm(first, second) == pytest.approx(theirs, abs=1.01)


def test_more_power_a_stricter_level_and_a_smaller_difference_take_more():
    more_power = trials_per_arm(0.6, 0.8, power=0.9)
    assert trials_per_arm(0.6, 0.8) < more_power < trials_per_arm(0.6, 0.75, power=0.9)
    assert pairs_needed(0.6, 0.8) < pairs_needed(0.6, 0.8, level=0.01)


def test_the_pairs_give_the_power_that_was_asked_for():
    pairs, generator = pairs_needed(0.3, 0.7, power=0.9), np.random.default_rng(1)
    first, second = generator.random((2, 4_000, pairs)) < np.array([[[0.3]], [[0.7]]])
    only_first, only_second = (first & ~second).sum(axis=1), (second & ~first).sum(axis=1)
    z = (only_second - only_first) / np.sqrt(np.maximum(1, only_first + only_second))
    assert np.mean(z > norm.ppf(0.975)) == pytest.approx(0.9, abs=0.05)
    assert mcnemar(int(only_first.mean()), int(only_second.mean())) < 0.05


@pytest.mark.parametrize("question", [(0.5, 0.5), (0.0, 0.5), (0.5, 1.0), (0.5, 0.6, 1.0), (0.5, 0.6, 0.04)])
def test_questions_without_an_answer_are_refused(question: tuple[float, ...]):
    with pytest.raises(InvalidSetting):
        trials_per_arm(*question)
