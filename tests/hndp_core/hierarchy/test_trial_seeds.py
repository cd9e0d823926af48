from itertools import product

import pytest

from hndp_core.errors import UnknownName
from hndp_core.hierarchy.trial_seeds import PURPOSES, trial_seed


def test_no_two_trials_share_a_scene_variation():
    seeds = {trial_seed(*names) for names in product((0, 1), (1, 2), PURPOSES, (1, 2, 3), (0, 1), (0, 1))}
    assert len(seeds) == 2 * 2 * len(PURPOSES) * 3 * 2 * 2


def test_an_unknown_purpose_is_refused():
    with pytest.raises(UnknownName, match="no purpose 'test'"):
        trial_seed(0, 1, "test", 1)
