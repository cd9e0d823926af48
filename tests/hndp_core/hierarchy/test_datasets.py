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
        rollouts(shown).rows_of(shown.take(np.arange(5)))
    shuffled = rollouts(shown).take(np.array([3, 1]))
    assert shuffled.rows_of(shown).tolist() == [3, 1]


def test_two_demonstrations_of_one_region_are_refused():
    with pytest.raises(HndpError, match="one region"):
        demonstrations().take(np.array([0, 0]))
