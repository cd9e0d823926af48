import numpy as np
import pytest

from hndp_core.motion import DmpConfig, GaussianBasis


def test_layout_of_the_code_spaces_centres_evenly_in_time() -> None:
    basis = GaussianBasis.from_config(DmpConfig(basis=30))
    np.testing.assert_allclose(np.diff(-np.log(basis.centres)), 1 / 29)
    assert basis.centres[0] == 1.0
    np.testing.assert_allclose(basis.widths * basis.centres, 30**1.5)


def test_layout_of_the_paper() -> None:
    basis = GaussianBasis.from_config(DmpConfig(basis=5, phase_decay=2.0, basis_layout="paper"))
    np.testing.assert_allclose(basis.centres, np.exp(-2.0 * np.array([1, 2, 3, 4, 5]) / 5))
    np.testing.assert_allclose(basis.widths * basis.centres, 5)


def test_activations_are_shares_that_peak_at_their_centres() -> None:
    basis = GaussianBasis.from_config(DmpConfig(basis=12))
    shares = basis.normalised(basis.centres)
    np.testing.assert_allclose(shares.sum(axis=-1), 1.0)
    assert (shares.argmax(axis=-1) == np.arange(12)).all()


def test_activation_is_the_quotient_of_the_gaussians() -> None:
    basis = GaussianBasis.from_config(DmpConfig(basis=4))
    gaussians = np.exp(-basis.widths * (0.6 - basis.centres) ** 2)
    np.testing.assert_allclose(basis.normalised(np.array(0.6)), gaussians / gaussians.sum())


def test_far_from_all_centres_the_shares_stay_defined() -> None:
    basis = GaussianBasis.from_config(DmpConfig(basis=30))
    assert np.exp(-basis.widths * (-10.0 - basis.centres) ** 2).sum() == 0.0
    assert basis.normalised(np.array([-10.0])).sum() == pytest.approx(1.0)
