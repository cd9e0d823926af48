import numpy as np
import pytest

from hndp_core.evaluation.bootstrap import bootstrap_interval


def test_the_same_seed_gives_the_same_bits_and_another_one_does_not():
    scores = np.random.default_rng(0).random(30)
    assert bootstrap_interval(scores, seed=1) == bootstrap_interval(scores, seed=1)
    assert bootstrap_interval(scores, seed=1) != bootstrap_interval(scores, seed=2)


def test_it_covers_the_mean_about_as_often_as_it_says():
    generator = np.random.default_rng(3)
    held = 0
    for seed in range(300):
        scores = generator.beta(2.0, 1.0, 60)
        low, high = bootstrap_interval(scores, seed=seed, resamples=400)
        held += low <= 2 / 3 <= high
    assert held / 300 == pytest.approx(0.95, abs=0.04)


def test_edges():
    assert bootstrap_interval(np.empty(0), seed=0) == (0.0, 1.0)
    assert bootstrap_interval(np.ones(5), seed=0) == (1.0, 1.0)
