import numpy as np
import pytest

from hndp_core.robots.limits import PANDA_LIMITS
from hndp_core.rollout.motion_quality import motion_quality, squared_jerk

RATE_HZ, STEPS, DOF = 50.0, 350, 7


def blend() -> np.ndarray:
    """Minimum jerk from 0 to 1: (STEPS,)."""
    s = np.arange(1, STEPS + 1) / STEPS
    return s**3 * (10 - 15 * s + 6 * s**2)


def test_the_integral_is_that_of_a_minimum_jerk_motion():
    """Its squared jerk integrates to 720 d^2 / T^5; the third differences of the start add little."""
    path = np.zeros((STEPS, 2))
    path[:, 1] = 3.0 * blend()
    assert squared_jerk(np.zeros(2), path, RATE_HZ) == pytest.approx(720 * 9 / 7.0**5, rel=0.03)


def test_a_start_with_a_jump_is_rough():
    still = np.ones((STEPS, 1))
    assert squared_jerk(np.ones(1), still, RATE_HZ) == 0
    assert squared_jerk(np.zeros(1), still, RATE_HZ) == pytest.approx((1 + 4 + 1) * RATE_HZ**5)


def test_shares_are_those_of_the_joint_that_is_nearest_to_its_limit():
    """A minimum-jerk motion of d in T peaks at 15/8 d/T and 10/sqrt(3) d/T^2."""
    path = np.zeros((STEPS, DOF))
    path[:, 1], path[:, 4] = 1.5 * blend(), 0.1 * blend()
    made = motion_quality(np.zeros(DOF), path, RATE_HZ)
    seconds = STEPS / RATE_HZ
    assert made.velocity_share == pytest.approx(15 / 8 * 1.5 / seconds / PANDA_LIMITS.velocity[1], rel=0.01)
    greatest = 10 / 3**0.5 * 1.5 / seconds**2
    assert made.acceleration_share == pytest.approx(greatest / PANDA_LIMITS.acceleration[1], rel=0.01)


def test_at_half_the_pace_everything_is_gentler_by_its_power_of_two():
    path = np.outer(blend(), np.linspace(0.1, 0.7, DOF))
    full, half = (motion_quality(np.zeros(DOF), path, RATE_HZ, slow_down) for slow_down in (1.0, 2.0))
    assert half.velocity_share == pytest.approx(full.velocity_share / 2)
    assert half.acceleration_share == pytest.approx(full.acceleration_share / 4)
    assert half.squared_jerk == pytest.approx(full.squared_jerk / 32)
