import numpy as np
import pytest

from hndp_core.errors import InvalidSetting
from hndp_core.tasks.hand import Hand, guide

STEPS, RATE_HZ = 350, 50.0
START = np.array([0.0, -0.7, 1.2])


def _path():
    """Minimum-jerk moves, at rest from 6.5 s on."""
    s = np.minimum(np.arange(1, STEPS + 1) / 325, 1.0)
    return START + np.outer(s**3 * (10 - 15 * s + 6 * s**2), [1.0, -0.8, 0.3])


def test_a_steady_hand_shows_the_path_itself():
    assert np.array_equal(guide(_path(), START, Hand(), 3), _path())


def test_equal_seeds_give_equal_demonstrations_and_others_differ():
    hand = Hand(0.01, 0.2)
    first = guide(_path(), START, hand, 3)
    assert np.array_equal(first, guide(_path(), START, hand, 3))
    assert np.abs(first - guide(_path(), START, hand, 4)).max() > 0.01


@pytest.mark.parametrize("seed", range(20))
def test_demonstrations_start_at_home_at_rest_and_end_at_rest(seed):
    shown = np.vstack([START, guide(_path(), START, Hand(0.01, 0.2), seed)])
    velocity = np.diff(shown, axis=0) * RATE_HZ
    assert np.abs(velocity[0]).max() < 0.01
    assert np.abs(velocity[-1]).max() < 0.01
    assert np.abs(np.diff(velocity, axis=0) * RATE_HZ).max() < 2.0


def test_tremor_has_the_deviation_it_says():
    path = _path()
    off = np.stack([guide(path, START, Hand(tremor_rad=0.01), seed) - path for seed in range(300)])
    assert off[:, STEPS // 2].std() == pytest.approx(0.01, rel=0.15)


def test_pace_alone_bends_no_path():
    """Every point that is shown lies on the path, whose joints move in proportion."""
    moved = guide(_path(), START, Hand(speed_spread=0.3), 5) - START
    np.testing.assert_allclose(moved[:, 1], -0.8 * moved[:, 0], atol=1e-9)
    assert (np.diff(moved[:, 0]) > -1e-6).all()
    assert np.abs(moved + START - _path()).max() > 0.02
    np.testing.assert_allclose(moved[-1] + START, _path()[-1], atol=1e-6)


@pytest.mark.parametrize(
    "setting", [{"tremor_rad": -0.01}, {"speed_spread": 1.0}, {"tremor_rad": float("nan")}]
)
def test_impossible_hands_are_refused(setting):
    with pytest.raises(InvalidSetting, match=next(iter(setting))):
        Hand(**setting)
