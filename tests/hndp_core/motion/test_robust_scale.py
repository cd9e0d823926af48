import numpy as np
import pytest

from hndp_core.motion import median_and_spread


def test_agrees_with_mean_and_deviation_of_a_normal_distribution() -> None:
    samples = np.random.default_rng(0).normal(3.0, 0.5, size=(20_000, 2))
    centre, spread = median_and_spread(samples, least=0.0)
    assert centre == pytest.approx(3.0, abs=0.02)
    assert spread == pytest.approx(0.5, abs=0.02)


def test_one_wild_sample_hardly_matters() -> None:
    samples = np.linspace(-1, 1, 17)[:, None]
    clean = median_and_spread(samples, least=0.0)
    spoilt = median_and_spread(np.vstack([samples, [[1e6]]]), least=0.0)
    np.testing.assert_allclose(spoilt, clean, atol=0.15)


def test_what_does_not_vary_gets_the_least_spread() -> None:
    assert median_and_spread(np.ones((5, 1)), least=0.01)[1] == [0.01]
