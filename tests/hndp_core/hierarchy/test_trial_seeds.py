from itertools import product

import pytest

from hndp_core.errors import UnknownName
from hndp_core.hierarchy.trial_seeds import PURPOSES, trial_seed


def test_no_two_trials_share_a_scene_variation():
    varying = [purpose for purpose in PURPOSES if purpose != "held_out"]
    names = [
        *product((0, 1), (1, 2), varying, (1, 2, 3), (0, 1), (0, 1)),
        *product((0, 1), (1,), ("held_out",), (1, 2, 3), (0, 1), (0, 1)),
    ]
    assert len({trial_seed(*each) for each in names}) == len(names)


def test_held_out_trials_are_the_same_test_in_every_iteration():
    assert trial_seed(0, 1, "held_out", 3, 1) == trial_seed(0, 5, "held_out", 3, 1)
    assert trial_seed(0, 1, "held_out", 3, 1) != trial_seed(1, 1, "held_out", 3, 1)


def test_an_unknown_purpose_is_refused():
    with pytest.raises(UnknownName, match="no purpose 'test'"):
        trial_seed(0, 1, "test", 1)
