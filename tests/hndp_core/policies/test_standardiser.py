import numpy as np
import pytest
import torch

from hndp_core.errors import ShapeMismatch
from hndp_core.policies import Standardiser


def test_calibrated_samples_have_centre_zero_and_spread_one() -> None:
    samples = np.random.default_rng(0).normal([5.0, -1.0], [0.1, 20.0], size=(4000, 2))
    standardise = Standardiser(2)
    standardise.calibrate(samples, least_scale=0.01)
    found = standardise(torch.tensor(samples)).numpy()
    np.testing.assert_allclose(np.median(found, axis=0), 0.0, atol=1e-9)
    np.testing.assert_allclose(found.std(axis=0), 1.0, atol=0.05)
    np.testing.assert_allclose(standardise.inverse(torch.tensor(found)).numpy(), samples)


def test_what_hardly_varies_is_not_blown_up() -> None:
    standardise = Standardiser(1)
    standardise.calibrate(np.full((3, 1), 0.5), least_scale=0.1)
    assert standardise(torch.tensor([0.51])).item() == pytest.approx(0.1)


@pytest.mark.parametrize("shape", [(0, 2), (4, 3)])
def test_refuses_samples_that_do_not_fit(shape: tuple[int, ...]) -> None:
    with pytest.raises(ShapeMismatch, match=r"expected \(at least 1, 2\)"):
        Standardiser(2).calibrate(np.zeros(shape), least_scale=0.1)
