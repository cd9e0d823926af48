from typing import cast

import numpy as np
import pytest

from hndp_core.motion import BasisLayout, ClosedForm, DmpConfig, OrthonormalBasis


@pytest.mark.parametrize("config", [DmpConfig(), DmpConfig(basis=6, rollout_length=35)])
def test_modes_are_orthogonal_with_root_mean_square_one(config: DmpConfig) -> None:
    modes = OrthonormalBasis.of(config).modes
    gram = modes.T @ modes / config.rollout_length
    np.testing.assert_allclose(gram, np.eye(config.basis), atol=1e-12)


@pytest.mark.parametrize("layout", ["code", "paper"])
def test_mode_weights_make_the_modes(layout: str) -> None:
    config = DmpConfig(basis_layout=cast(BasisLayout, layout))
    basis = OrthonormalBasis.of(config)
    made = ClosedForm.of(config).weight_response @ basis.mode_weights
    np.testing.assert_allclose(made, basis.modes, atol=1e-4)


def test_modes_below_the_rounding_of_the_decomposition_are_left_out() -> None:
    wide = DmpConfig(basis_layout="paper")
    singular = np.linalg.svd(ClosedForm.of(wide).weight_response, compute_uv=False)
    assert singular[-1] < 1e-13 * singular[0]
    assert OrthonormalBasis.of(wide).modes.shape[1] < wide.basis


def test_shared_constants_cannot_be_changed() -> None:
    with pytest.raises(ValueError, match="read-only"):
        OrthonormalBasis.of(DmpConfig()).modes[0] = 1.0
    with pytest.raises(ValueError, match="read-only"):
        ClosedForm.of(DmpConfig()).span_response[0] = 1.0
