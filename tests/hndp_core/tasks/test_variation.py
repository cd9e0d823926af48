import numpy as np

from hndp_core.tasks import SceneVariation
from hndp_core.tasks.variation import OBJECT_SHIFT_LIMIT_M


def test_equal_seeds_give_equal_variations():
    assert SceneVariation.sample(7) == SceneVariation.sample(7)
    assert SceneVariation.sample(7) != SceneVariation.sample(8)


def test_none_changes_nothing():
    assert SceneVariation.none() == SceneVariation()
    assert SceneVariation.none().light_brightness == 1.0


def test_object_shifts_are_a_few_clipped_millimetres():
    shifts = np.array([SceneVariation.sample(seed).object_shift_m for seed in range(400)])
    assert np.abs(shifts).max() <= OBJECT_SHIFT_LIMIT_M
    assert 0.002 < shifts.std() < 0.004
