import pickle
from dataclasses import fields

import numpy as np
import pytest

from hndp_core.errors import HndpError
from hndp_core.hierarchy.datasets import DemonstrationSet, RolloutSet

from .synthetic_task import DOF, SIZE, demonstrations, rollouts


def equal(one, other) -> bool:
    return all(np.array_equal(getattr(one, each.name), getattr(other, each.name)) for each in fields(one))


def test_both_sets_survive_the_disk():
    shown = demonstrations()
    assert equal(DemonstrationSet.from_bytes(shown.to_bytes()), shown)
    assert equal(RolloutSet.from_bytes(rollouts(shown).to_bytes()), rollouts(shown))


def test_equal_sets_give_equal_bytes():
    assert demonstrations().to_bytes() == demonstrations().to_bytes()


def test_pickles_and_other_files_are_refused():
    with pytest.raises(HndpError, match="no npz file"):
        DemonstrationSet.from_bytes(pickle.dumps({"regions": [1]}))
    with pytest.raises(HndpError, match="no DemonstrationSet"):
        DemonstrationSet.from_bytes(rollouts(demonstrations()).to_bytes())


def test_d_grows_and_keeps_what_it_had():
    shown = demonstrations()
    grown = RolloutSet.empty(SIZE, 2, DOF).grown(rollouts(shown, 1)).grown(rollouts(shown, 2, seed=2))
    assert len(grown) == 2 * len(shown)
    assert equal(grown.take(np.arange(len(shown))), rollouts(shown, 1))


def test_a_row_of_a_region_without_demonstration_cannot_train():
    shown = demonstrations()
    with pytest.raises(HndpError, match=r"regions \[6\]"):
        rollouts(shown).experts_of(shown.take(np.arange(5)))
    shuffled = rollouts(shown).take(np.array([3, 1]))
    assert shuffled.experts_of(shown).tolist() == [3, 1]


def test_several_demonstrations_of_a_region_stand_side_by_side():
    shown = demonstrations(4).take(np.array([2, 2, 0, 0, 3, 3]))
    assert (shown.region_order, shown.per_region) == ([3, 1, 4], 2)
    assert shown.by_region("states").shape == (3, 2, 2)
    assert shown.first_of_each_region().regions.tolist() == [3, 1, 4]
    assert rollouts(demonstrations(4)).take(np.array([3, 0])).experts_of(shown).tolist() == [2, 1]


@pytest.mark.parametrize("rows", [[0, 0, 1], [0, 1, 0, 1], [0, 1, 1, 0]])
def test_unequal_or_mixed_numbers_of_demonstrations_are_refused(rows):
    with pytest.raises(HndpError, match="as many of every region"):
        demonstrations().take(np.array(rows))


def test_the_demonstrations_own_images_can_take_the_place_of_rollouts():
    shown = demonstrations(3).take(np.array([0, 0, 1, 1]))
    again = shown.observations(4)
    assert again.iterations.tolist() == [4, 4]
    assert np.array_equal(again.images, shown.images[[0, 2]])
