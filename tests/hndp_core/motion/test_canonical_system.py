import numpy as np
import pytest

from hndp_core.motion import CanonicalSystem


def test_phases_are_the_steps_taken_one_by_one() -> None:
    canonical, phase, walked = CanonicalSystem(phase_decay=2.0), 1.0, []
    for _ in range(50):
        phase = canonical.step(phase, dt=0.02)
        walked.append(phase)
    np.testing.assert_allclose(canonical.phases(50, 0.02), walked, rtol=1e-13)


def test_phase_approaches_the_exponential_as_the_step_shrinks() -> None:
    assert CanonicalSystem(3.0).phases(100_000, 1e-5)[-1] == pytest.approx(np.exp(-3.0), rel=1e-4)
