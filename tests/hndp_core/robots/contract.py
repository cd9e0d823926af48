"""What every robot must do, simulated or real: subclass `RobotContract` and give it a `robot` fixture."""

import numpy as np
import pytest

from hndp_core.errors import ShapeMismatch, TrajectoryRefused
from hndp_core.robots import NotConnected, Robot


def small_motion(start: np.ndarray, steps: int = 20) -> np.ndarray:
    """Return a slow, smooth motion of joint 1 by 0.02 rad."""
    s = np.arange(1, steps + 1) / steps
    path = np.tile(start, (steps, 1))
    path[:, 0] += 0.02 * s**3 * (10 - 15 * s + 6 * s**2)
    return path


class RobotContract:
    """Tests of the contract. `robot` is connected and at home; it may be disconnected by a test."""

    @pytest.fixture
    def robot(self) -> Robot:
        raise NotImplementedError

    def test_connecting_twice_changes_nothing(self, robot: Robot) -> None:
        before = robot.joints()
        robot.connect()
        np.testing.assert_array_equal(robot.joints(), before)

    def test_nothing_works_without_connection(self, robot: Robot) -> None:
        path = small_motion(robot.joints())
        robot.disconnect()
        robot.disconnect()
        for act in (robot.joints, robot.joint_velocities, robot.home, lambda: robot.execute(path)):
            with pytest.raises(NotConnected, match=r"connect\(\)"):
                act()

    def test_with_statement_connects_and_disconnects(self, robot: Robot) -> None:
        robot.disconnect()
        with robot as same:
            assert same is robot
            assert robot.joints().shape == (7,)
        with pytest.raises(NotConnected):
            robot.joints()

    def test_observations_have_their_shapes(self, robot: Robot) -> None:
        assert robot.rate_hz > 0
        assert isinstance(robot.simulated, bool)
        for values in (robot.joints(), robot.joint_velocities()):
            assert values.shape == (7,)
            assert values.dtype == np.float64
            assert np.isfinite(values).all()
        assert robot.state().ndim == 1
        image = robot.capture(96, 64)
        assert (image.shape, image.dtype) == ((64, 96, 3), np.uint8)
        seen = robot.observe(96)
        assert (seen.shape, seen.dtype) == ((96, 96, 3), np.uint8)

    def test_returned_joints_are_a_copy(self, robot: Robot) -> None:
        robot.joints()[:] = 9.0
        assert (robot.joints() < 4).all()

    def test_execute_follows_and_reports_every_step(self, robot: Robot) -> None:
        path = small_motion(robot.joints())
        steps: list[int] = []
        rows: list[np.ndarray] = []

        def on_step(step: int, joints: np.ndarray) -> None:
            steps.append(step)
            rows.append(joints)

        execution = robot.execute(path, on_step)
        assert not execution.stopped
        assert steps == list(range(20))
        np.testing.assert_array_equal(np.array(rows), execution.measured)
        np.testing.assert_allclose(execution.measured, path, atol=0.01)

    def test_should_stop_ends_the_motion_early(self, robot: Robot) -> None:
        path = small_motion(robot.joints())
        asked = iter([False] * 5 + [True] * 20)
        execution = robot.execute(path, should_stop=lambda: next(asked))
        assert execution.stopped
        assert execution.measured.shape == (5, 7)

    def test_stop_ends_the_motion_and_the_arm_rests(self, robot: Robot) -> None:
        path = small_motion(robot.joints())
        execution = robot.execute(path, lambda step, _: robot.stop() if step == 9 else None)
        assert execution.stopped
        assert execution.measured.shape == (10, 7)
        assert np.abs(robot.joint_velocities()).max() < 0.02

    def test_an_old_stop_does_not_end_the_next_motion(self, robot: Robot) -> None:
        robot.stop()
        assert not robot.execute(small_motion(robot.joints())).stopped

    def test_a_refused_trajectory_moves_nothing(self, robot: Robot) -> None:
        before = robot.joints()
        path = small_motion(before)
        path[7:, 2] += 0.5
        with pytest.raises(TrajectoryRefused, match="joint 3"):
            robot.execute(path)
        with pytest.raises(ShapeMismatch):
            robot.execute(path[:, :6])
        np.testing.assert_array_equal(robot.joints(), before)

    def test_home_leads_back(self, robot: Robot) -> None:
        start = robot.joints()
        robot.execute(small_motion(start))
        robot.home()
        np.testing.assert_allclose(robot.joints(), start, atol=2e-3)
