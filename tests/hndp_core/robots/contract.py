"""What every robot must do, simulated or real: subclass `RobotContract` and give it a `robot` fixture."""

import threading
import time

import numpy as np
import pytest

from hndp_core.errors import InvalidSetting, ShapeMismatch, TrajectoryRefused
from hndp_core.robots import NotConnected, Robot, RobotBusy
from hndp_core.tasks import Region, SceneVariation


def small_motion(start: np.ndarray, steps: int = 20) -> np.ndarray:
    """Return a slow, smooth motion of joint 1 by 0.02 rad."""
    s = np.arange(1, steps + 1) / steps
    path = np.tile(start, (steps, 1))
    path[:, 0] += 0.02 * s**3 * (10 - 15 * s + 6 * s**2)
    return path


def wait_until_not_guiding(robot: Robot) -> None:
    """Wait for the guiding to end by itself, at most 5 s."""
    deadline_s = time.monotonic() + 5.0
    while robot.guiding and time.monotonic() < deadline_s:
        time.sleep(0.01)


class RobotContract:
    """Tests of the contract. `robot` is connected and at home; it may be disconnected by a test."""

    region: Region
    """A region of the robot's task."""

    @pytest.fixture
    def robot(self) -> Robot:
        raise NotImplementedError

    def lead(self, robot: Robot, joints: np.ndarray) -> None:
        """Bring the arm to joints that are near, as a hand would that guides it."""
        raise NotImplementedError

    def test_connecting_twice_changes_nothing(self, robot: Robot) -> None:
        before = robot.joints()
        robot.connect()
        np.testing.assert_array_equal(robot.joints(), before)

    def test_nothing_works_without_connection(self, robot: Robot) -> None:
        path = small_motion(robot.joints())
        robot.disconnect()
        robot.disconnect()
        for act in (
            robot.joints,
            robot.joint_velocities,
            robot.home,
            lambda: robot.execute(path),
            lambda: robot.begin_guiding(1.0),
            lambda: robot.prepare(self.region, SceneVariation.none()),
        ):
            with pytest.raises(NotConnected, match=r"connect\(\)"):
                act()

    def test_the_connection_says_its_state(self, robot: Robot) -> None:
        assert robot.connection.state == "connected"
        robot.disconnect()
        assert robot.connection.state == "disconnected"

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
        image = robot.capture(96, 64)
        assert (image.shape, image.dtype) == ((64, 96, 3), np.uint8)
        seen = robot.observe(96)
        assert (seen.shape, seen.dtype) == ((96, 96, 3), np.uint8)
        live = robot.latest_frame()
        assert live is not None
        assert (live.shape, live.dtype) == ((240, 320, 3), np.uint8)

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

    @pytest.mark.parametrize("by", ["stop", "interlock", "should_stop"])
    def test_whatever_ends_a_motion_the_arm_holds_alike(self, robot: Robot, by: str) -> None:
        path = small_motion(robot.joints())
        ended: set[str] = set()
        robot.interlock = lambda: "interlock" in ended

        def end(step: int, _: np.ndarray) -> None:
            if step != 9:
                return
            ended.add(by)
            if by == "stop":
                robot.stop()

        execution = robot.execute(path, end, should_stop=lambda: "should_stop" in ended)
        assert execution.stopped
        assert execution.measured.shape == (10, 7)
        assert np.abs(robot.joint_velocities()).max() < 0.02
        np.testing.assert_allclose(robot.joints(), execution.measured[-1], atol=2e-3)

    def test_the_interlock_lets_no_motion_happen(self, robot: Robot) -> None:
        start = robot.joints()
        robot.execute(small_motion(start))
        there = robot.joints()
        robot.interlock = lambda: True
        execution = robot.execute(small_motion(there))
        robot.home()
        assert execution.stopped
        assert execution.measured.shape == (0, 7)
        np.testing.assert_allclose(robot.joints(), there, atol=2e-3)
        with pytest.raises(RobotBusy, match="interlock"):
            robot.begin_guiding(60.0)
        assert not robot.guiding

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

    def test_a_trajectory_into_the_table_moves_nothing(self, robot: Robot) -> None:
        before = robot.joints()
        s = np.arange(1, 201)[:, None] / 200
        path = before + s**3 * (10 - 15 * s + 6 * s**2) * np.array([0, 1.9, 0, 0, 0, 0, 0])
        with pytest.raises(TrajectoryRefused, match=r"(link \d|hand) at .* s has height"):
            robot.execute(path)
        np.testing.assert_array_equal(robot.joints(), before)

    def test_changing_a_trajectory_under_way_changes_no_command(self, robot: Robot) -> None:
        path = small_motion(robot.joints())
        planned = path.copy()

        def spoil(step: int, joints: np.ndarray) -> None:
            path[:] = 9.0

        np.testing.assert_allclose(robot.execute(path, spoil).measured, planned, atol=0.01)

    def test_pictures_that_are_drawn_later_show_the_moment(self, robot: Robot) -> None:
        now = robot.capture(96, 64)
        later = robot.capture_later(96, 64)
        robot.execute(small_motion(robot.joints()))
        np.testing.assert_array_equal(later(), now)

    def test_home_leads_back(self, robot: Robot) -> None:
        start = robot.joints()
        robot.execute(small_motion(start))
        robot.home()
        np.testing.assert_allclose(robot.joints(), start, atol=2e-3)

    def test_prepare_brings_the_arm_home_and_the_region_into_the_state(self, robot: Robot) -> None:
        start = robot.joints()
        robot.execute(small_motion(start))
        robot.prepare(self.region, SceneVariation.none())
        np.testing.assert_allclose(robot.joints(), start, atol=2e-3)
        np.testing.assert_allclose(robot.state(), [self.region.x_m, self.region.y_m], atol=1e-9)

    def test_one_motion_at_a_time(self, robot: Robot) -> None:
        path = small_motion(robot.joints())
        refused: list[bool] = []

        def try_another(step: int, _: np.ndarray) -> None:
            if step != 3:
                return

            def another() -> None:
                with pytest.raises(RobotBusy, match="moves already"):
                    robot.execute(path)
                refused.append(True)

            other = threading.Thread(target=another)
            other.start()
            other.join()

        assert not robot.execute(path, try_another).stopped
        assert refused == [True]

    def test_a_guided_arm_goes_where_it_is_led_and_stays_there(self, robot: Robot) -> None:
        there = small_motion(robot.joints())[-1]
        robot.begin_guiding(60.0)
        assert robot.guiding
        self.lead(robot, there)
        robot.end_guiding()
        assert not robot.guiding
        np.testing.assert_allclose(robot.joints(), there, atol=5e-3)
        assert np.abs(robot.joint_velocities()).max() < 0.02
        robot.end_guiding()
        assert not robot.execute(small_motion(robot.joints(), 5)).stopped

    def test_guiding_ends_by_itself(self, robot: Robot) -> None:
        robot.begin_guiding(0.05)
        wait_until_not_guiding(robot)
        assert not robot.guiding
        assert not robot.execute(small_motion(robot.joints(), 5)).stopped

    def test_stop_ends_the_guiding(self, robot: Robot) -> None:
        robot.begin_guiding(60.0)
        stopper = threading.Thread(target=robot.stop)
        stopper.start()
        stopper.join()
        assert not robot.guiding
        robot.begin_guiding(60.0)
        assert robot.guiding

    def test_a_guided_arm_does_nothing_else(self, robot: Robot) -> None:
        path = small_motion(robot.joints())
        robot.begin_guiding(60.0)
        for act in (
            lambda: robot.execute(path),
            robot.home,
            lambda: robot.begin_guiding(1.0),
            lambda: robot.prepare(self.region, SceneVariation.none()),
        ):
            with pytest.raises(RobotBusy, match="is being guided"):
                act()
        assert robot.guiding

    @pytest.mark.parametrize("duration_s", [0.0, -1.0, np.nan, np.inf])
    def test_guiding_needs_an_end(self, robot: Robot, duration_s: float) -> None:
        with pytest.raises(InvalidSetting, match="greatest_duration_s"):
            robot.begin_guiding(duration_s)
        assert not robot.guiding
