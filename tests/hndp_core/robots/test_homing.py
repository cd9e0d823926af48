import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from hndp_core.robots import PANDA_LIMITS, check_trajectory
from hndp_core.robots.homing import way_home

LOW, HIGH = PANDA_LIMITS.position_range()
HOME = np.array([0.0, -0.785, 0.0, -2.356, 0.0, 1.571, 0.785])


@settings(deadline=None)
@given(st.lists(st.floats(0.01, 0.99), min_size=7, max_size=7))
def test_the_way_home_ends_there_and_keeps_all_limits(shares):
    start = LOW + np.array(shares) * (HIGH - LOW)
    way = way_home(start, HOME, 50.0)
    np.testing.assert_allclose(way[-1], HOME, atol=1e-12)
    check_trajectory(start, way, 50.0)
    assert len(way) >= 50
