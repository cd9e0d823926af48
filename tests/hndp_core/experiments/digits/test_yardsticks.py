import numpy as np
import pytest

from hndp_core.experiments.digits import DigitSettings, generate_digits
from hndp_core.experiments.digits.yardsticks import (
    basis_bound,
    class_mean_from_start_loss,
    class_mean_loss,
    loss_px2,
)
from hndp_core.motion import DmpConfig


@pytest.fixture(scope="module")
def digits():
    settings = DigitSettings(train=200, test=50)
    return generate_digits(settings, "train"), generate_digits(settings, "test")


def test_the_loss_is_half_the_mean_squared_distance():
    wanted = np.zeros((2, 301, 2))
    assert loss_px2(wanted + np.array([3.0, 4.0]), wanted) == pytest.approx(25 / 2)


def test_knowing_the_start_helps_and_no_class_mean_reaches_a_basis(digits):
    train, test = digits
    mean, from_start = class_mean_loss(train, test), class_mean_from_start_loss(train, test)
    assert mean > from_start > basis_bound(DmpConfig(dof=2, basis=10, rollout_length=300), test)


def test_the_bound_falls_with_the_basis_and_spares_a_primitives_own_motion(digits):
    bounds = [
        basis_bound(DmpConfig(dof=2, basis=basis, rollout_length=300), digits[1]) for basis in (10, 20, 30)
    ]
    assert bounds[0] > 5 * bounds[1] > 25 * bounds[2] > 0


def test_a_class_mean_is_exact_where_all_write_alike(digits):
    train = digits[0]
    assert class_mean_loss(train, train) > 0
    alike = type(train)(train.images[:10], train.trajectories[:10], train.labels[:10])
    assert class_mean_loss(alike, alike) == 0
    assert class_mean_from_start_loss(alike, alike) == pytest.approx(0, abs=1e-9)
