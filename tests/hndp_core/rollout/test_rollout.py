import numpy as np
import pytest

from hndp_core.errors import TrajectoryRefused
from hndp_core.robots import SimulatedRobot
from hndp_core.rollout import execute
from hndp_core.tasks import get_task

TASK = get_task("scooping@clean")
REGION = TASK.layout()[4]
VARIATION = TASK.variation(11)


@pytest.fixture(scope="module")
def robot():
    with SimulatedRobot(TASK.build_scene()) as robot:
        yield robot


@pytest.fixture
def prepared(robot):
    robot.prepare(REGION, VARIATION)
    return robot


def _path(robot):
    return robot.scene.demonstrate(REGION, VARIATION)


def test_a_demonstration_is_recorded_whole(prepared):
    path = _path(prepared)
    record = execute(prepared, path, record_video=True)
    assert record.outcome is not None
    assert record.outcome.success
    assert not record.stopped
    np.testing.assert_array_equal(record.commanded, path)
    assert record.measured.shape == (350, 7)
    np.testing.assert_allclose(record.time_s[[0, -1]], [0.02, 7.0])
    np.testing.assert_allclose(record.start_joints, TASK.home_joints)
    assert record.start_image.shape == (96, 96, 3)
    assert len(record.frames) == 350 // 3
    assert (record.frames[0].shape, record.frames[0].dtype) == ((240, 320, 3), np.uint8)
    for still in (record.first_frame, record.last_frame):
        assert (still.shape, still.dtype) == ((480, 640, 3), np.uint8)
    assert (record.first_frame != record.last_frame).any()


def test_periods_are_measured_in_real_time_alone(prepared):
    path = _path(prepared)[:30]
    assert execute(prepared, path, record_video=False).period_error_p99_ms is None
    hurried = SimulatedRobot(prepared.scene, speed=4.0)
    hurried.connect()
    hurried.prepare(REGION, VARIATION)
    record = execute(hurried, path, record_video=True)
    assert record.period_error_p99_ms is not None
    assert record.period_error_p99_ms >= 0
    assert (np.diff(record.time_s) > 0).all()
    assert record.time_s[0] >= 1 / prepared.rate_hz
    assert len(record.frames) == 10
    prepared.prepare(REGION, VARIATION)
    unhurried = execute(prepared, path, record_video=True)
    np.testing.assert_array_equal(record.frames, unhurried.frames)
    np.testing.assert_array_equal(record.measured, unhurried.measured)


def test_same_scene_and_plan_give_the_same_bits_with_or_without_video(prepared):
    path = _path(prepared)[:200]
    seen = execute(prepared, path, record_video=True)
    prepared.prepare(REGION, VARIATION)
    unseen = execute(prepared, path, record_video=False)
    assert unseen.frames == ()
    for name in ("start_image", "state", "start_joints", "measured", "first_frame", "last_frame"):
        np.testing.assert_array_equal(getattr(unseen, name), getattr(seen, name), err_msg=name)


def test_a_planner_sees_image_joints_and_state(prepared):
    asked = []

    def planner(image, joints, state):
        asked.append((image, joints, state))
        return np.tile(joints, (5, 1))

    record = execute(prepared, planner, record_video=False)
    [(image, joints, state)] = asked
    np.testing.assert_array_equal(image, record.start_image)
    np.testing.assert_array_equal(joints, record.start_joints)
    np.testing.assert_allclose(state, np.add((REGION.x_m, REGION.y_m), VARIATION.object_shift_m))
    assert record.outcome is not None
    assert not record.outcome.success


def test_a_stopped_rollout_keeps_what_was_made_and_has_no_outcome(prepared):
    steps = []
    record = execute(
        prepared,
        _path(prepared),
        record_video=False,
        on_step=lambda step, joints: steps.append(step),
        should_stop=lambda: len(steps) == 12,
    )
    assert record.stopped
    assert record.outcome is None
    assert steps == list(range(12))
    assert record.measured.shape == (12, 7)
    assert record.time_s.shape == (12,)
    assert record.commanded.shape == (350, 7)


def test_a_dangerous_plan_moves_nothing(prepared):
    before = prepared.joints()
    with pytest.raises(TrajectoryRefused):
        execute(prepared, lambda image, joints, state: np.tile(joints + 0.5, (5, 1)), record_video=False)
    np.testing.assert_array_equal(prepared.joints(), before)
