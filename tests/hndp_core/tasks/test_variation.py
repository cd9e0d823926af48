import numpy as np
import pytest

from hndp_core.errors import InvalidSetting
from hndp_core.tasks import SceneVariation
from hndp_core.tasks.variation import VariationRange

USUAL = VariationRange()


def test_equal_seeds_give_equal_variations():
    assert SceneVariation.sample(7, USUAL) == SceneVariation.sample(7, USUAL)
    assert SceneVariation.sample(7, USUAL) != SceneVariation.sample(8, USUAL)


def test_none_changes_nothing():
    assert SceneVariation.none() == SceneVariation()
    assert SceneVariation.none().light_brightness == 1.0


def test_object_shifts_are_a_few_clipped_millimetres():
    shifts = np.array([SceneVariation.sample(seed, USUAL).object_shift_m for seed in range(400)])
    assert np.abs(shifts).max() <= 2 * USUAL.object_shift_sigma_m
    assert 0.002 < shifts.std() < 0.004


def test_ranges_are_checked():
    with pytest.raises(InvalidSetting, match="object_shift_sigma_m"):
        VariationRange(object_shift_sigma_m=-0.001)
    with pytest.raises(InvalidSetting, match="brightness_low"):
        VariationRange(brightness_low=2.0)
